"""python -m glico: which commands there are, and what an error becomes."""

import argparse
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from types import FrameType
from typing import Any, NoReturn

from glico.cli.outcome import BadArguments, Outcome
from glico.errors import GlicoError
from glico.formats import json_text
from glico.runs.kinds import KINDS

HOW = {"classify": "glico.cli.classify"}  # kinds of run whose command is not the usual one
COMMANDS = {
    "app": ("glico.cli.app", "open the app in a browser"),
    **{name: (HOW.get(name, "glico.cli.train"), kind.summary) for name, kind in KINDS.items()},
    "interpolate": ("glico.cli.interpolate", "render the path between two training images"),
    "export": (
        "glico.cli.export",
        "write a generator, its codes or a trained classifier as files that other programs open",
    ),
    "draw": ("glico.cli.draw", "generate new images of each class, from a checkpoint or a DCGAN"),
    "fidelity": ("glico.cli.fidelity", "how close generated images are to real ones: FID, KID, precision and recall"),
    "encode": ("glico.cli.encode", "find the codes of new images, and how well they are reconstructed"),
    "describe": ("glico.cli.describe", "describe what a checkpoint holds and how its classes cluster"),
    "project": ("glico.cli.project", "lay out the codes of checkpoints of one sample as the latent map shows them"),
    "table": ("glico.cli.table", "plan, run and print a table of the paper"),
    "runs": ("glico.cli.runs", "list the runs"),
    "resume": ("glico.cli.resume", "resume a run that died, failed or was cancelled, and follow it"),
    "cancel": ("glico.cli.cancel", "stop runs; they can be resumed"),
    "delete": ("glico.cli.delete", "remove runs and all their files"),
    "clean": ("glico.cli.clean", "show how large caches and uploads are, and remove them"),
    "run": ("glico.cli.run", "execute a run in this process (what the other commands start)"),
}


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help says more)\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status: 0, 1 (it failed, one line says why) or 2 (bad arguments)."""
    arguments = parse(sys.argv[1:] if argv is None else argv)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        outcome: Outcome = arguments.run(arguments)
    except BadArguments as error:
        return _fail(arguments, 2, str(error))
    except GlicoError as error:
        return _fail(arguments, 1, str(error))
    except KeyboardInterrupt:
        return _fail(arguments, 1, "Interrupted.")
    except BrokenPipeError:
        return 1
    if outcome.text:
        print(outcome.text)
    for failure in outcome.failures:
        print(f"glico {arguments.command}: {failure}", file=sys.stderr)
    if arguments.json:
        print(json_text(outcome.data))
    return 1 if outcome.failures else 0


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; only the command that is called is imported, so that help comes quickly."""
    parser = Parser(prog="glico", description="A latent-space explorer for learning from small samples.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    called = next((word for word in argv if not word.startswith("-")), None)
    for name, (module, summary) in COMMANDS.items():
        if find_spec(module) is None:
            continue
        command = commands.add_parser(
            name, help=summary, description=summary[0].upper() + summary[1:] + ".", allow_abbrev=False
        )
        if name == called:
            implementation = import_module(module)
            implementation.configure(command)
            command.add_argument("--json", action="store_true", help="make the last line of output one JSON object")
            command.set_defaults(run=implementation.run)
    arguments, further = parser.parse_known_args(argv)
    if hasattr(arguments, "further"):  # the command hands on what it does not know
        arguments.further = further
    elif further:
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    return arguments


def _fail(arguments: argparse.Namespace, status: int, sentence: str) -> int:
    print(f"glico {arguments.command}: {sentence}", file=sys.stderr)
    if arguments.json:
        data: dict[str, Any] = {"error": sentence}
        print(json_text(data))
    return status


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
