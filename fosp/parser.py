"""The argument parser: one subcommand for each :class:`fosp.command.Command`, errors in one line."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from copy import copy
from typing import Any, NoReturn

from fosp import completion, exits, theories
from fosp.command import Command, own
from fosp.options import Choices


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line: the argument, its value, what is allowed."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", _Help)
        super().__init__(**options)

    def error(self, message: str) -> NoReturn:
        """Print the message on stderr, in one line, and leave with the exit code of bad input."""
        from bounds.errors import line

        print(f"{self.prog}: {line(_readable(message))} (see {self.prog} --help)", file=sys.stderr)
        sys.exit(exits.BAD_INPUT)


class _Help(argparse.HelpFormatter):
    """Help with room for the names, and with the defaults that say something."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30)

    def _expand_help(self, action: argparse.Action) -> str:
        """Leave out names that would have to be looked up."""
        if isinstance(action.choices, Choices):
            action = copy(action)
            action.choices = None
        return super()._expand_help(action)

    def _get_help_string(self, action: argparse.Action) -> str:
        says_nothing = action.default in (None, False, [], argparse.SUPPRESS)
        return (action.help or "") + ("" if says_nothing else " (default: %(default)s)")


def build_parser(found: Sequence[Command] | None = None, words: Sequence[str] | None = None) -> Parser:
    """Return the parser of ``fosp``, by default with its own commands; nothing heavy is imported by it.

    With ``words`` only the commands that are among them have their arguments.
    """
    parser = Parser(prog="fosp", description=_DESCRIPTION)
    parser.add_argument("-V", "--version", action=_Version, help="print the version and leave")
    parser.add_argument(
        theories.OPTION, dest="theories", action="append", metavar="PACKAGE.MODULE,...", help=_THEORY
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    for command in own() if found is None else found:
        summary = command.summary.splitlines()[0]
        one = subparsers.add_parser(command.name, help=summary, description=summary)
        if words is None or command.name in words:
            command.arguments(one)
        options = tuple(option for action in one._actions for option in action.option_strings)
        one.set_defaults(execute=command.run, options=options, parser=one)
    return parser


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return what was typed: the arguments, and as ``typed`` the options that were."""
    parser = build_parser(_commands(argv), None if completion.asked() else argv)
    if completion.asked():
        completion.answer(parser)
    for word in argv:
        if word.startswith("--") and word.endswith("=--"):
            parser.error(f"{word.removesuffix('=--')} = '--': must have a value")
    args, strange = parser.parse_known_args(argv)
    after = list(argv)[list(argv).index(args.command) + 1 :]
    if strange and not any(word.startswith("-") for word in strange):
        again, strange = args.parser.parse_known_intermixed_args(after)
        args = argparse.Namespace(**vars(args) | vars(again))
    if strange:
        args.parser.error(_strange(strange, args))
    args.typed = {word.partition("=")[0] for word in after} & set(args.options)
    return args


def _strange(words: Sequence[str], args: argparse.Namespace) -> str:
    """Say which words of the command line mean nothing, and what may have been meant."""
    from bounds.errors import nearest

    name = words[0].partition("=")[0]
    if name in args.options:
        return f"{name}: must come after {args.command}"
    meant = nearest(name, args.options) if name.startswith("-") else ""
    kind = "is no option of this command" if name.startswith("-") else "is one word too many"
    return f"{name}: {kind}{'; ' + meant if meant else ''}"


def _commands(argv: Sequence[str]) -> tuple[Command, ...]:
    """Return all commands; where another package cannot be used, say so and leave."""
    if not theories.named(argv):
        return own()
    from bounds.errors import InputError
    from fosp.command import everyones

    try:
        theories.take(argv)
        return everyones()
    except InputError as error:
        Parser(prog="fosp").error(theories.refusal(error))


_THEORY = "a package or module of yours: its statements, claims, figures, problems and commands; repeatable"
_DESCRIPTION = """Theory and experiment of MAML, FO-MAML and HF-MAML side by side: hyperparameters from the
convergence theory, its claims tested on problems with known constants, and the figures."""

_CHOICE = re.compile(r"(.+): invalid choice: '?(.*?)'? \(choose from (.*)\)$", re.DOTALL)
_MISSING = "the following arguments are required: "


def _readable(message: str) -> str:
    from bounds.errors import nearest

    message = " ".join(message.removeprefix("argument ").split())
    if message.startswith(_MISSING):
        return f"{message.removeprefix(_MISSING)} is missing"
    found = _CHOICE.match(message)
    if found is None:
        return message.replace(": = ", " = ")
    name, value, choices = found.groups()
    allowed = [choice.strip(" '\"") for choice in choices.split(",")]
    meant = nearest(value, allowed)
    return f"{name} = {value!r}: must be one of {', '.join(allowed)}{'; ' + meant if meant else ''}"


class _Version(argparse.Action):
    """Print the version of the distribution; looked up only when asked for."""

    def __init__(self, option_strings: list[str], dest: str, help: str) -> None:
        super().__init__(
            option_strings, dest=argparse.SUPPRESS, default=argparse.SUPPRESS, nargs=0, help=help
        )

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"fosp {version('fosp')}")
        sys.exit(exits.FINE)
