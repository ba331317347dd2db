"""The one error that means: the input was wrong, and here is what to do."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable

LONGEST_VALUE = 100
LONGEST_PHRASE = 700
LONGEST_LIST = 400
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


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
        self.argument = str(argument)
        self.value = value
        self.allowed = line(allowed)
        self.remedy = line(remedy)
        advice = f"; {self.remedy}" if remedy else ""
        super().__init__(f"{line(self.argument)} = {shown(value)}: {self.allowed}{advice}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str, str]]:
        return type(self), (self.argument, self.value, self.allowed, self.remedy)


class DomainError(InputError):
    """A point outside the domain of a statement; names the inequality and both its sides."""


class UnitError(ValueError):
    """An expression that adds or compares quantities of different units."""


class UnfinishedError(RuntimeError):
    """Work that could not be finished; what was finished is kept, and the same call goes on from there."""


def said(error: BaseException) -> str:
    """Return what somebody's code raised: the words of a refusal, of another error with its class before them."""
    ours = isinstance(error, InputError | UnitError)
    return str(error) if ours else f"{type(error).__name__}: {error}"


def reason(error: BaseException) -> str:
    """Return what an exception says, without the numbers and names that an operating system adds to it."""
    return line((isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__)


def shown(value: object) -> str:
    """Return a value as it can stand in a message: its ``repr`` in one line, short, without addresses."""
    return line(_ADDRESS.sub("", _SHORT.repr(value)), LONGEST_VALUE)


def line(text: str, longest: int = LONGEST_PHRASE) -> str:
    """Return a text in one line of at most ``longest`` characters, with control characters escaped."""
    joined = " ".join(text.split())
    clean = joined if joined.isprintable() else "".join(map(_escaped, joined))
    return clean if len(clean) <= longest else f"{clean[: longest - 3]}..."


def nearest(name: object, names: Iterable[str]) -> str:
    """Return ``did you mean X?`` for the name that is most like what was given; empty when none is."""
    from difflib import get_close_matches

    alike = {known.lower().replace("_", "-"): known for known in names}
    found = get_close_matches(str(name).lower().replace("_", "-"), alike, n=1)
    return f"did you mean {alike[found[0]]}?" if found else ""


def unknown(argument: str, value: object, names: Iterable[str], also: str = "") -> InputError:
    """Return the refusal of a name that is not known: what may stand there, and the nearest of it.

    Parameters
    ----------
    argument : str
    value : object
    names : iterable of str
        The names that are known; of very many, those most like the value are named.
    also : str
        What else is allowed, as the end of a phrase: "or a TOML file".
    """
    from difflib import get_close_matches

    known = list(names)
    listed = ", ".join(known)
    if len(listed) > LONGEST_LIST:
        alike = get_close_matches(str(value), known, n=3, cutoff=0.3) or known[:3]
        listed = f"{len(known)} names, such as {', '.join(alike)}"
    allowed = f"must be one of {listed}{', ' + also if also else ''}"
    return InputError(argument, value, allowed, nearest(value, known))


def _escaped(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = LONGEST_VALUE
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = _SHORT.maxset = 8
