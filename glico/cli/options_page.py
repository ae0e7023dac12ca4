"""Write docs/options.md, every option of every command: ``python -m glico.cli.options_page``."""

import argparse
from importlib import import_module
from pathlib import Path

from glico.cli.main import COMMANDS
from glico.config.limits import LIMITS, Limit

FILE = Path(__file__).parents[2] / "docs" / "options.md"
INTERNAL = {"run"}
BAR = r"\|"  # a bar inside a cell of a Markdown table, also in code
HEAD = """# Options

Every option of every command, generated from the same schema as `--help` and the app's forms by
`python -m glico.cli.options_page`. Square brackets hold unit, range and default. Numbers such as [12] are those of the
paper's references. Every command also takes `--json`: it writes one JSON object to standard output, and text for people
to standard error.
"""
VARIABLES = """
## Environment variables

| Variable | |
| --- | --- |
| `GLICO_RUNS` | the folder of runs, by default `runs` in the working directory |
| `GLICO_UPLOADS` | the folder of uploads, by default `uploads` in the working directory |
| `GLICO_DECISIONS` | the folder of decisions on single images, by default `decisions` in the working directory |
| `GLICO_CACHE` | the folder of downloads and projections, by default `~/.cache/glico` |
| `GLICO_CPU_SLOTS`, `GLICO_GPU_SLOTS` | number of runs at once, by default one per core and one per GPU |
| `GLICO_WEBHOOK` | an address that gets JSON by POST when a run ends, fails or collapses classes; not with `--public` |

Limits on untrusted files, visitors and disk use; each variable replaces its default:

| Variable | Default |
| --- | --- |
"""


def page() -> str:
    """Return the text of docs/options.md."""
    names = [name for name in COMMANDS if name not in INTERNAL]
    contents = " · ".join(f"[{name}](#glico-{name})" for name in names)
    limits = [f"| `GLICO_LIMIT_{name.upper()}` | {_limit(limit)} |" for name, limit in LIMITS.items()]
    return "\n".join([HEAD, contents, *map(_section, names), VARIABLES + "\n".join(limits)]) + "\n"


def _limit(limit: Limit) -> str:
    public = "" if limit.public is None else f"; {limit.public:,} with `--public`"
    return f"{limit.value:,} {limit.what}{public}"


def _section(name: str) -> str:
    module, summary = COMMANDS[name]
    parser = argparse.ArgumentParser(prog=f"glico {name}", add_help=False)
    import_module(module).configure(parser)
    lines = [f"\n## glico {name}\n", f"{summary[0].upper()}{summary[1:]}.\n"]
    for group in parser._action_groups:  # argparse has no public way to list them
        rows = [_row(action) for action in group._group_actions if action.help != argparse.SUPPRESS]
        if rows:
            title = {"positional arguments": "Argument", "options": "Option"}.get(group.title or "", group.title)
            lines += [f"| {title} | |", "| --- | --- |", *rows, ""]
    return "\n".join(lines).rstrip()


def _row(action: argparse.Action) -> str:
    flags = ", ".join(f"`{flag}`" for flag in action.option_strings)
    values = "" if action.nargs == 0 else _values(action)
    help = (action.help or "") % {"default": action.default, "metavar": action.metavar}
    help = help.replace("] [", "] \\[")  # two pairs of brackets in a row would be a link by reference
    cells = [" ".join(filter(None, [flags, values])), help]
    return f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |".replace("\n", " ")


def _values(action: argparse.Action) -> str:
    metavar = action.metavar or (", ".join(map(str, action.choices)) if action.choices else action.dest.upper())
    text = metavar if isinstance(metavar, str) else " ".join(metavar)
    several = " …" if action.nargs in ("+", "*", argparse.REMAINDER) else ""
    return f"`{text.strip('{}').replace(',', ', ').replace(',  ', ', ')}{several}`"


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
