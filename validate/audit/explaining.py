"""What explains the answers on one task: a form alone, behind an optimiser, in single precision, up to size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from validate.audit.defects import Defect, defect
from validate.audit.fitting import Answers, Fit, Scaled, Sequenced
from validate.audit.outer import GUESSES, Optimiser
from validate.audit.scaling import scaled
from validate.audit.search import Clues, search
from validate.tolerance import SINGLE


@dataclass(frozen=True)
class Explained:
    """Answers as they are explained, with the fits that do it.

    Attributes
    ----------
    single : Answers
    optimiser : Optimiser or None
        That outside.
    fits : tuple of Fit
        Empty where nothing was found.
    defects : tuple of Defect
        What was found besides.
    """

    single: Answers
    optimiser: Optimiser | None
    fits: tuple[Fit, ...] = ()
    defects: tuple[Defect, ...] = ()

    @property
    def scaled(self) -> bool:
        """Whether directions alone are explained, not how long the steps are."""
        return isinstance(self.single, Scaled)


@dataclass(frozen=True)
class Question:
    """Answers on one task that are to be explained.

    Attributes
    ----------
    single : Answers
    clues : Clues
    steps, depth : int
        Inner steps that are meant, and departures that are tried together.
    optimiser : Optimiser or None
        That is declared, or that the steps look like.
    guessed : bool
        Whether they only look like it.
    random : bool
        Whether the answers are not repeated.
    """

    single: Answers
    clues: Clues
    steps: int
    depth: int
    optimiser: Optimiser | None = None
    guessed: bool = False
    random: bool = False

    def explained(self) -> Explained:
        """Return the first explanation that fits."""
        ways: tuple[Callable[[], Iterator[Explained]], ...]
        ways = (self._guessed, self._plainly, self._anew, self._coarse, self._scaled)
        found = (one for way in ways for one in way() if one.fits)
        return next(found, Explained(self.single, self.optimiser))

    def _search(self, answers: Answers, depth: int) -> tuple[Fit, ...]:
        return tuple(search(answers, self.clues, self.steps, depth))

    def _plainly(self) -> Iterator[Explained]:
        yield Explained(self.single, self.optimiser, self._search(self.single, self.depth))

    def _guessed(self) -> Iterator[Explained]:
        """Look for an optimiser outside that nobody declared, and with which the rest is right code."""
        if self.guessed and isinstance(self.single, Sequenced):
            for name, make in GUESSES.items():
                told = f"the steps are those of torch's {name}, and no optimiser is declared"
                yield self._behind(Optimiser(make), 0, defect("outer-optimiser", told))

    def _anew(self) -> Iterator[Explained]:
        """Look whether the optimiser is made anew at every call."""
        if self.optimiser is not None and isinstance(self.single, Sequenced):
            told = "a new optimiser at every call explains the steps, one that is kept does not"
            yield self._behind(replace(self.optimiser, kept=False), 1, defect("outer-state-lost", told))

    def _behind(self, optimiser: Optimiser, depth: int, wrong: Defect) -> Explained:
        assert isinstance(self.single, Sequenced)
        behind = replace(self.single, outer=optimiser.run)
        return Explained(behind, optimiser, self._search(behind, depth), (wrong,))

    def _coarse(self) -> Iterator[Explained]:
        """Look whether it is a difference of gradients in single precision, which no point shows."""
        if self.single.linear and self.clues.probes and self.single.unit < SINGLE:
            coarse = replace(self.single, unit=SINGLE)
            fits = tuple(one for one in self._search(coarse, 0) if one.form.hessian == "difference")
            yield Explained(coarse, self.optimiser, fits)

    def _scaled(self) -> Iterator[Explained]:
        """Look whether the steps are along a known direction, each times a number of its own."""
        free = None if self.random else scaled(self.single)
        if free is not None:
            yield Explained(free, self.optimiser, self._search(free, 1))
