"""The entry point of the command line: the table of commands, and how errors are shown."""

import argparse
import difflib
import os
import re
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from types import FrameType
from typing import NoReturn

from glico.cli.outcome import BadArguments, Outcome
from glico.errors import GlicoError
from glico.formats import json_text
from glico.runs.presentation import PRESENTATIONS

PROGRAM = "glico"
JSON_HELP = "write one JSON object to standard output; text for people goes to standard error"
HOW = {"classify": "glico.cli.classify"}  # kinds of run with a command module of their own
COMMANDS = {
    "app": ("glico.cli.app", "open the app in a browser"),
    **{name: (HOW.get(name, "glico.cli.train"), kind.summary) for name, kind in PRESENTATIONS.items()},
    "interpolate": ("glico.cli.interpolate", "render the path between two training images"),
    "export": (
        "glico.cli.export",
        "write a generator, its codes or a trained classifier as files that other programs open",
    ),
    "draw": ("glico.cli.draw", "generate new images of each class, from a checkpoint or a DCGAN"),
    "fidelity": ("glico.cli.fidelity", "compare generated images with real ones: FID, KID, precision and recall"),
    "reference": ("glico.cli.reference", "score a pretrained network on the same small samples, as a reference"),
    "encode": ("glico.cli.encode", "find the codes of new images, and measure their reconstructions"),
    "describe": ("glico.cli.describe", "describe the contents of a checkpoint and the clusters of its classes"),
    "project": ("glico.cli.project", "lay out the codes of checkpoints of one sample as the latent map shows them"),
    "table": ("glico.cli.table", "plan, run and print a table of the paper"),
    "runs": ("glico.cli.runs", "list the runs"),
    "resume": ("glico.cli.resume", "resume a run that died, failed or was cancelled, and follow it"),
    "cancel": ("glico.cli.cancel", "stop runs; they can be resumed"),
    "delete": ("glico.cli.delete", "remove runs and all their files"),
    "clean": ("glico.cli.clean", "show the sizes of caches and uploads, and delete them"),
    "run": ("glico.cli.run", "execute a run in this process (the other commands start this one)"),
}


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are exceptions, to be shown as one line."""

    def error(self, message: str) -> NoReturn:
        message = re.sub("^the following arguments are required: (.*)$", r"\1 is missing", message)
        raise UsageError(f"{message} (see {self.prog} --help)", self.prog)


class UsageError(BadArguments):
    """The command line cannot be read. ``program`` is the command, such as "glico train"."""

    def __init__(self, sentence: str, program: str) -> None:
        super().__init__(sentence)
        self.program = program


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. Return the exit status: 0, 1 (it failed, and one line says why) or 2 (wrong arguments)."""
    try:
        try:
            return _run(sys.argv[1:] if argv is None else argv)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(argv: Sequence[str]) -> int:
    as_json = "--json" in argv
    program = PROGRAM
    try:
        arguments = parse(argv)
        program = f"{PROGRAM} {arguments.command}"
        signal.signal(signal.SIGTERM, _interrupt)
        outcome: Outcome = arguments.run(arguments)
    except UsageError as error:
        return _fail(error.program, 2, str(error), as_json)
    except BadArguments as error:
        return _fail(program, 2, str(error), as_json)
    except GlicoError as error:
        return _fail(program, 1, str(error), as_json)
    except KeyboardInterrupt:
        return _fail(program, 1, "Interrupted.", as_json)
    if outcome.text:
        print(outcome.text, file=sys.stderr if as_json else sys.stdout)
    for failure in outcome.failures:
        print(f"{program}: {failure}", file=sys.stderr)
    if as_json:
        print(json_text(outcome.data))
    return 1 if outcome.failures else 0


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments. Only the called command is imported, so that help is quick.

    Raises UsageError with one sentence.
    """
    parser = Parser(prog=PROGRAM, description="A latent-space explorer for learning from small samples.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    names = [name for name, (module, _) in COMMANDS.items() if find_spec(module) is not None]
    called = next((word for word in argv if not word.startswith("-")), None)
    if called is not None and called not in names:
        parser.error(f"there is no command {called!r}{_suggestion(called, names)}")
    for name in names:
        module, summary = COMMANDS[name]
        command = commands.add_parser(
            name, help=summary, description=summary[0].upper() + summary[1:] + ".", allow_abbrev=False
        )
        if name == called:
            implementation = import_module(module)
            implementation.configure(command)
            command.add_argument("--json", action="store_true", help=JSON_HELP)
            command.set_defaults(run=implementation.run)
    arguments, further = parser.parse_known_args(argv)
    if hasattr(arguments, "further"):  # the command passes unknown arguments on
        arguments.further = further
    elif further:
        _refuse(commands.choices[arguments.command], further[0])
    return arguments


def _refuse(command: argparse.ArgumentParser, word: str) -> NoReturn:
    """Raise the error for a word that ``command`` does not know."""
    if not word.startswith("-"):
        command.error(f"unexpected argument {word!r}")
    known = [option for action in command._actions for option in action.option_strings]
    option = word.partition("=")[0]
    if option in known:
        command.error(f"{option} goes after the command")
    command.error(f"there is no option {option}{_suggestion(option, known)}")


def _suggestion(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f". Did you mean {close[0]}?" if close else ""


def _fail(program: str, status: int, sentence: str, as_json: bool) -> int:
    print(f"{program}: {sentence}", file=sys.stderr)
    if as_json:
        print(json_text({"error": sentence}))
    return status


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
