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
from validate.audit.explaining import Question
from validate.audit.fitting import Answers, Fit, Scaled, Sequenced, Several
from validate.audit.gathering import Gathered, gather
from validate.audit.naming import Named, named
from validate.audit.outer import Optimiser, factory
from validate.audit.probes import Probe
from validate.audit.repeating import Outside, Repeats, moves_equally, outside, repeat, same, undone
from validate.audit.report import AuditReport
from validate.audit.scaling import Sizes
from validate.audit.search import Clues
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
    dropped: bool = False
    stepless: bool = False
    guessed: bool = False
    scaled: bool = False
    random: bool = False
    optimiser: Optimiser | None = None
    outside: Outside | None = None
    gathered: Gathered | None = None
    unit: float = 0.0
    mask: torch.Tensor | float = 1.0
    defects: list[Defect] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def report(self) -> AuditReport:
        """Ask and explain."""
        self.asker, self.fresh = Asker(self.target), self.target
        if self.target.network is None:
            self.fresh = self.target.copied()
        self.bench = Bench(self.target, self.seed)
        network = self.target.network
        repeats = self._repeated()
        self.noisy = network is not None and repeats.random and network.is_random()
        noisy = self.noisy or (network is not None and repeats.random and network.has_dropout)
        self.dropped = noisy and not self.noisy
        if noisy:
            told = "the same weights and the same batch have another loss at every pass"
            self.defects.append(defect("random-loss", told))
        with network.quiet() if noisy and network is not None else nullcontext():
            if self.dropped:
                self.asker = Asker(self.target)
                repeats = self._repeated()
            return self._reported(repeats)

    def _reported(self, repeats: Repeats) -> AuditReport:
        self.random = repeats.random
        repeats = replace(repeats, random=False) if self.noisy else repeats
        self._remember(repeats)
        beta = outside(self.asker, self.bench.singles, self.memory) if self.explained else None
        self.outside = beta
        self._tell(1)
        single, calls = self._single(beta)
        missed = None if self.optimiser else no_step(single, beta, self.asker.calls, self.target.inner_steps)
        self.stepless = missed is not None
        self.defects += [missed] if missed else []
        clues = Clues.of(single, calls)
        if single.unit > COARSE:
            told = f"it computes with a unit round-off of {single.unit:.1g}: what is smaller is not seen"
            self.notes.append(told)
        single, found = self._named(single, clues, calls)
        self._tell(3)
        self.gathered, several = self._gathered(found, beta)
        self._tell(4)
        if not self.stepless:
            self._say(found, single, self.gathered, beta, calls)
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
        self.explained = repeats.steady or repeats.explained
        self.memory = repeats.memory + declared
        if make is None and repeats.signs:
            told = "all numbers of a first step are of one size, as Adam's; no optimiser is declared"
            self.defects.append(defect("outer-optimiser", told))
            make, self.guessed = factory("adam"), True
        if make is not None:
            self.optimiser, self.explained = Optimiser(make), True
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
        if self.optimiser:
            on = tuple(call for call in self.asker.calls if call.sheet is sheet)
            run, factor = self.optimiser.run, self._factor
            return Sequenced(sheet, G, unit_of(calls), self.mask, on, run, factor), calls
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

    @property
    def _factor(self) -> float:
        """How many times the direction of one task is declared to be."""
        return 1.0 if self.target.scale == "sum" else float(self.target.scale)

    def _named(self, single: Answers, clues: Clues, calls: list[Call]) -> tuple[Answers, Named]:
        """Return what the answers on one task are, and the answers as they are explained."""
        if self.noisy or self.stepless:
            return single, Named(None, None)
        big = self.target.network is not None and self.target.network.dim > 200
        depth = 1 if big or self.guessed or len(single.G) == 1 else 2
        steps = self.target.inner_steps
        asked = Question(single, clues, steps, depth, self.optimiser, self.guessed, self.random)
        found = asked.explained()
        self.defects += found.defects
        if found.single.unit > single.unit:
            self.notes.append(
                "its differences are of gradients in single precision: what is smaller is not seen"
            )
        self.optimiser, self.scaled, self.unit = found.optimiser, found.scaled, found.single.unit
        self._tell(2)
        return found.single, named(found.fits, calls, self.target, self.claimed)

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
        if self._draws(several[0][0]):
            return None, several
        return gather(several, found.fit, self.target.scale), several

    def _draws(self, several: Answers) -> bool:
        """Whether with several tasks another seed gives another answer, which one task alone does not show."""
        if self.optimiser or self.random:
            return False
        calls = [self.asker.ask(several.sheet, 0) for _ in range(2)]
        first = undone(calls, self.memory)[-1]
        self.asker.ask(several.sheet, 0, seed=1)
        self.random = not same(first, self._last(), calls[0])
        if self.random:
            told = "several tasks with another seed of torch, numpy and random have another answer"
            self.defects.append(defect("random-step", told))
        return self.random

    def _ask_groups(self, fit: Fit, beta: Outside, several: Several) -> None:
        for sheet in self.bench.groups.values():
            before = len(self.asker.calls)
            calls, G = self._asked(sheet, beta)
            probe = self._probe(fit, sheet, calls)
            several.append((self._several(fit, sheet, calls, G, before), probe))

    def _several(self, fit: Fit, sheet: Sheet, calls: list[Call], G: torch.Tensor, before: int) -> Answers:
        if self.optimiser:
            return self._sequenced(fit, sheet, G, before)
        kind = Scaled if self.scaled else Answers
        return kind(sheet, G, max(unit_of(calls), self.unit), self.mask)

    def _sequenced(self, fit: Fit, sheet: Sheet, G: torch.Tensor, before: int) -> Answers:
        """Return answers from which the optimiser's earlier state is run again, by what one task is."""
        assert self.optimiser is not None
        calls, run = self.asker.calls, self.optimiser.run
        known = torch.stack([self._direction(fit, call) for call in calls[:before]])

        def outer(on: Sequence[Call], directions: torch.Tensor) -> torch.Tensor:
            return run([*calls[:before], *on], torch.cat([known, directions]))[before:]

        return Sequenced(sheet, G, unit_of(calls), self.mask, tuple(calls[before:]), outer, self._factor)

    def _direction(self, fit: Fit, call: Call) -> torch.Tensor:
        probe = (
            fit.probe if call.sheet is self.bench.singles else self._probe(fit, call.sheet, self.asker.calls)
        )
        tasks = float(call.sheet.B) if self.target.scale == "sum" else 1.0
        means = call.sheet.once(("mean", id(fit)), lambda: fit.each(call.sheet, probe).mean(1))
        return tasks * means[call.row]

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
        if beta is not None and not self.optimiser and not (chained and beta.shifted):
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
        exact = comparing.off(single, found.fit, [name for name, _ in found.defects], self.target)
        self.defects += [
            one
            for one in saying.of_fit(found.fit, self.target, exact)
            if not (ignores and one.name == "outer-scale")
        ]
        self.defects += [defect(*one) for one in found.defects]
        self.notes += found.notes
        if isinstance(single, Scaled):
            self._say_sizes(Sizes.of(single, found.fit))
        piled = any(one.name == "gradients-accumulated" for one in self.defects)
        keeps = piled or (not self.optimiser and self.memory != self._declared_memory())
        if gathered is not None and not (keeps and not gathered.fits):
            self.defects += saying.of_gathered(gathered, found.fit)
            self.defects = saying.joined(self.defects)

    def _say_sizes(self, sizes: Sizes) -> None:
        said = list(sizes.defects())
        self.defects += said
        self.notes += [] if said else [sizes.note()]

    def _say_unknown(self, single: Answers, calls: list[Call]) -> None:
        found = implicit.deviation(single, calls)
        self.implicit = found is not None and found < implicit.CLOSE
        if self.implicit:
            self.notes.append(f"implicit MAML up to {found:.1e}: its solvers are not exact")
            return
        if not self.explained or any(one.name in RANDOM for one in self.defects):
            return
        self.defects.append(saying.unrecognised(single, self.target))
