"""The one error that means: the input was wrong, and here is what to do."""

from __future__ import annotations


class InputError(ValueError):
    """An argument that is not allowed, said in one line.

    Parameters
    ----------
    argument : str
        Name of the argument, as the user typed it.
    value : object
        The value that was given.
    allowed : str
        What is allowed, as a phrase: "must be a finite number > 0".
    remedy : str, optional
        What to do about it.
    """

    def __init__(self, argument: str, value: object, allowed: str, remedy: str = "") -> None:
        self.argument = argument
        self.value = value
        self.allowed = allowed
        self.remedy = remedy
        advice = f"; {remedy}" if remedy else ""
        super().__init__(f"{argument} = {value!r}: {allowed}{advice}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str, str]]:
        return type(self), (self.argument, self.value, self.allowed, self.remedy)


class DomainError(InputError):
    """A point outside the domain of a statement; names the inequality and both its sides."""


class UnfinishedError(RuntimeError):
    """Work that could not be finished; what was finished is kept, and the same call goes on from there."""
