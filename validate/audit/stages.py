"""The stages of an audit: one call repeated, one task, several tasks, the module, and what all that means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

import torch

from bounds.errors import InputError
from validate.audit import comparing, implicit, saying, seeing
from validate.audit.asking import Asker, Call, unit_of
from validate.audit.benches import Bench
from validate.audit.closing import closed
from validate.audit.defects import RANDOM, Defect, defect
from validate.audit.fitting import Answers, Fit, Sequenced, Several
from validate.audit.gathering import Gathered, gather
from validate.audit.naming import Named, named
from validate.audit.outer import GUESSES, Run, factory, running
from validate.audit.probes import Probe
from validate.audit.repeating import Outside, Repeats, moves_equally, outside, repeat, undone
from validate.audit.report import AuditReport
from validate.audit.search import Clues, search
from validate.audit.sheet import Sheet
from validate.audit.smoothness import of_module
from validate.audit.stepless import no_step
from validate.audit.target import Target, momentum
from validate.audit.walking import sizes, stepped

STAGES = 6
COARSE = 1e-5
"""Unit round-off above which small defects are lost."""


@dataclass
class Audit:
    """One audit while it is made.

    Attributes
    ----------
    target : Target
    claimed : str or None
    seed : int
    progress : callable
    """

    target: Target
    claimed: str | None
    seed: int
    progress: Callable[[int, int], None]
    implicit: bool = False
    noisy: bool = False
    stepless: bool = False
    guessed: bool = False
    mask: torch.Tensor | float = 1.0
    defects: list[Defect] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def report(self) -> AuditReport:
        """Ask and explain."""
        self.asker = Asker(self.target)
        self.bench = Bench(self.target, self.seed)
        network = self.target.network
        repeats = self._repeated()
        self.noisy = network is not None and repeats.random and network.is_random()
        noisy = self.noisy or (network is not None and repeats.random and network.has_dropout)
        if noisy:
            told = "the same weights and the same batch have another loss at every pass"
            self.defects.append(defect("random-loss", told))
        with network.quiet() if noisy and network is not None else nullcontext():
            if noisy and not self.noisy:
                self.asker = Asker(self.target)
                repeats = self._repeated()
            return self._reported(repeats)

    def _reported(self, repeats: Repeats) -> AuditReport:
        self.random = repeats.random
        repeats = replace(repeats, random=False) if self.noisy else repeats
        self._remember(repeats)
        beta = outside(self.asker, self.bench.singles, self.memory) if self.explained else None
        self._tell(1)
        single, calls = self._single(beta)
        missed = None if self.runs else no_step(single, beta, self.asker.calls, self.target.inner_steps)
        self.stepless = missed is not None
        self.defects += [missed] if missed else []
        clues = Clues.of(single, calls)
        if single.unit > COARSE:
            told = f"it computes with a unit round-off of {single.unit:.1g}: what is smaller is not seen"
            self.notes.append(told)
        found = self._named(single, clues, calls)
        self._tell(3)
        gathered, several = self._gathered(found, beta)
        self._tell(4)
        if not self.stepless:
            self._say(found, single, gathered, beta, calls)
        if self.asker.frozen:
            told = f"after a step {', '.join(sorted(self.asker.frozen)[:4])} are others than before"
            self.defects.append(defect("frozen-moved", told))
        self.defects += of_module(self.target.network, self.bench.singles, self.asker.buffers, self.noisy)
        return closed(self, found, single, several)

    def _tell(self, done: int) -> None:
        self.progress(done, STAGES)

    # ---- asking ---------------------------------------------------------------------------------------

    def _repeated(self) -> Repeats:
        """Ask one question again and again; code that takes no single task gets one twice."""
        declared = self._declared_memory()
        try:
            return repeat(self.asker, self.bench.singles, declared)
        except InputError as refused:
            self.bench = Bench(self.target, self.seed, paired=True)
            try:
                found = repeat(self.asker, self.bench.singles, declared)
            except InputError:
                raise refused from None
            self.notes.append("it takes no single task: one task is handed over twice instead")
            return found

    def _declared_memory(self) -> float:
        return 0.0 if callable(self.target.outer) else momentum(self.target.outer)

    def _remember(self, repeats: Repeats) -> None:
        """Decide what is undone in the answers: a momentum, or an optimiser that is run again."""
        declared = self._declared_memory()
        make = factory(self.target.outer)
        self.runs: tuple[Run, ...] = ()
        self.explained = repeats.steady or repeats.explained
        self.memory = repeats.memory + declared
        if make is None and repeats.signs:
            told = "all numbers of a first step are of one size, as Adam's; no optimiser is declared"
            self.defects.append(defect("outer-optimiser", told))
            make, self.guessed = factory("adam"), True
        if make is not None:
            self.runs, self.explained = (running(make, kept=True), running(make, kept=False)), True
            return
        if declared and not repeats.steady and moves_equally(self.asker.calls):
            told = f"a momentum of {declared:g} is declared, and three equal calls move equally"
            self.defects.append(defect("outer-state-lost", told))
            self.memory, self.explained = 0.0, True
            return
        self.defects += saying.of_repeats(repeats, declared)

    def _single(self, beta: Outside | None) -> tuple[Answers, list[Call]]:
        """Return the answers on one task each."""
        sheet = self.bench.singles
        if beta is None:
            first = self.asker.calls[0]
            return Answers(sheet.only(0), first.moved[None] / first.beta, first.unit), [first]
        calls, G = self._asked(sheet, beta)
        self.mask = stepped(sheet, G)
        if self.runs:
            on = tuple(call for call in self.asker.calls if call.sheet is sheet)
            return Sequenced(sheet, G, unit_of(calls), self.mask, on, self.runs[0]), calls
        return Answers(sheet, G, unit_of(calls), self.mask), calls

    def _asked(self, sheet: Sheet, beta: Outside) -> tuple[list[Call], torch.Tensor]:
        calls, ways = [], []
        for row in range(len(sheet.w)):
            calls.append(self.asker.ask(sheet, row))
            way = self._last()
            if beta.shifted:
                self.asker.ask(sheet, row, 0.5)
                way = 2 * (way - 0.5 * self._last())
            ways.append(way)
        return calls, torch.stack(ways)

    def _last(self) -> torch.Tensor:
        return undone(self.asker.calls[-2:], self.memory)[-1]

    # ---- explaining -----------------------------------------------------------------------------------

    def _named(self, single: Answers, clues: Clues, calls: list[Call]) -> Named:
        steps = self.target.inner_steps
        if self.noisy or self.stepless:
            return Named(None, None)
        big = self.target.network is not None and self.target.network.dim > 200
        fits = self._guess(single, clues) if self.guessed and isinstance(single, Sequenced) else []
        depth = 1 if big or self.guessed or len(single.G) == 1 else 2
        fits = fits or search(single, clues, steps, depth)
        if not fits and isinstance(single, Sequenced):
            fresh = replace(single, outer=self.runs[1])
            fits = search(fresh, clues, steps, depth=1)
            if fits:
                told = "a new optimiser at every call explains the steps, one that is kept does not"
                self.defects.append(defect("outer-state-lost", told))
                self.runs = self.runs[1:]
        self._tell(2)
        return named(fits, calls, self.target, self.claimed)

    def _guess(self, single: Sequenced, clues: Clues) -> list[Fit]:
        """Look for an optimiser outside that nobody declared, and with which the rest is right code."""
        for name, make in GUESSES.items():
            run = running(make, kept=True)
            fits = search(replace(single, outer=run), clues, self.target.inner_steps, depth=0)
            if fits:
                told = f"the steps are those of torch's {name}, and no optimiser is declared"
                self.defects.append(defect("outer-optimiser", told))
                self.runs = (run, running(make, kept=False))
                return fits
        return []

    def _gathered(self, found: Named, beta: Outside | None) -> tuple[Gathered | None, Several]:
        """Ask for several tasks, and explain it from what one task is."""
        if beta is None or found.fit is None:
            return None, []
        several: Several = []
        try:
            self._ask_groups(found.fit, beta, several)
        except InputError as error:
            self.notes.append(f"it was asked with one task alone; with several it {error.allowed}")
            return None, []
        return gather(several, found.fit, self.target.scale), several

    def _ask_groups(self, fit: Fit, beta: Outside, several: Several) -> None:
        for sheet in self.bench.groups.values():
            before = len(self.asker.calls)
            calls, G = self._asked(sheet, beta)
            probe = self._probe(fit, sheet, calls)
            if self.runs:
                several.append((self._sequenced(fit, sheet, G, before), probe))
            else:
                several.append((Answers(sheet, G, unit_of(calls), self.mask), probe))

    def _sequenced(self, fit: Fit, sheet: Sheet, G: torch.Tensor, before: int) -> Answers:
        """Return answers from which the optimiser's earlier state is run again, by what one task is."""
        calls, run = self.asker.calls, self.runs[0]
        known = torch.stack([self._direction(fit, call) for call in calls[:before]])

        def outer(on: Sequence[Call], directions: torch.Tensor) -> torch.Tensor:
            return run([*calls[:before], *on], torch.cat([known, directions]))[before:]

        return Sequenced(sheet, G, unit_of(calls), self.mask, tuple(calls[before:]), outer)

    def _direction(self, fit: Fit, call: Call) -> torch.Tensor:
        probe = (
            fit.probe if call.sheet is self.bench.singles else self._probe(fit, call.sheet, self.asker.calls)
        )
        return call.sheet.once(("mean", id(fit)), lambda: fit.each(call.sheet, probe).mean(1))[call.row]

    def _probe(self, fit: Fit, sheet: Sheet, calls: Sequence[Call]) -> Probe | None:
        """Return the probe of a fit on another sheet, from the points that were seen there."""
        if fit.probe is None or fit.probe.plus is None:
            return fit.probe
        own = [call for call in calls if call.sheet is sheet]
        found = dict(seeing.probes(sheet, own)).get(fit.where)
        if found is None:
            return fit.probe.anywhere
        return replace(found, kind=fit.probe.kind)

    # ---- saying ---------------------------------------------------------------------------------------

    def _say(
        self,
        found: Named,
        single: Answers,
        gathered: Gathered | None,
        beta: Outside | None,
        calls: list[Call],
    ) -> None:
        chained = gathered is not None and gathered.name == "weights-not-restored"
        if beta is not None and not self.runs and not (chained and beta.shifted):
            self.defects += saying.of_beta(beta, 1)
        if isinstance(self.mask, torch.Tensor):
            still = [
                number for number, part in enumerate(self.mask.split(sizes(single.sheet))) if not part.any()
            ]
            told = f"tensors number {', '.join(map(str, still))} of {len(single.sheet.shapes)} never move"
            self.defects.append(defect("tensors-not-updated", told))
        if found.fit is None:
            self._say_unknown(single, calls)
            return
        ignores = beta is not None and beta.kind == "ignored"
        self.defects += [
            one
            for one in saying.of_fit(
                found.fit, self.target, comparing.off(single, found.fit.probe, self.target)
            )
            if not (ignores and one.name == "outer-scale")
        ]
        self.defects += [defect(*one) for one in found.defects]
        self.notes += found.notes
        piled = any(one.name == "gradients-accumulated" for one in self.defects)
        keeps = piled or (not self.runs and self.memory != self._declared_memory())
        if gathered is not None and not (keeps and not gathered.fits):
            self.defects += saying.of_gathered(gathered, found.fit)
            self.defects = saying.joined(self.defects)

    def _say_unknown(self, single: Answers, calls: list[Call]) -> None:
        found = implicit.deviation(single, calls)
        self.implicit = found is not None and found < implicit.CLOSE
        if self.implicit:
            self.notes.append(f"implicit MAML up to {found:.1e}: its solvers are not exact")
            return
        if not self.explained or any(one.name in RANDOM for one in self.defects):
            return
        self.defects.append(saying.unrecognised(single, self.target))
