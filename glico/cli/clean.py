"""clean: show the sizes of caches and uploads, and delete them."""

import argparse

from glico.cli.outcome import BadArguments, Outcome
from glico.runs.caches import DESCRIPTIONS, caches


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the names of the caches."""
    parser.add_argument(
        "names",
        metavar="NAME",
        nargs="*",
        help=f"what to delete: {', '.join(DESCRIPTIONS)} or all; without a name, show the sizes and delete nothing",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Show the sizes, or delete and print the bytes freed."""
    for name in arguments.names:
        if name not in DESCRIPTIONS and name != "all":
            raise BadArguments(f"Cannot delete {name!r}: choose {', '.join(DESCRIPTIONS)} or all.")
    stored = caches()
    if not arguments.names:
        sizes = {name: stored[name].bytes for name in DESCRIPTIONS}
        lines = [f"{sizes[name]:>15,} bytes  {name:12} {what}" for name, what in DESCRIPTIONS.items()]
        return Outcome("\n".join(lines), {"bytes": sizes})
    freed = {name: stored[name].free() for name in DESCRIPTIONS if {name, "all"} & {*arguments.names}}
    lines = [f"{count:>15,} bytes of {name} removed" for name, count in freed.items()]
    return Outcome("\n".join(lines), {"freed": freed})
