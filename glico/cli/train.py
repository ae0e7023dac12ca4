"""train DATASET, dcgan DATASET: train a generator on a small sample. The command's name is the kind of run."""

import argparse
import sys
from pathlib import Path
from typing import Any

from glico.cli.arguments import add_fields, build, given_values
from glico.cli.backend import add_backend, do_all
from glico.cli.following import add_options, failure
from glico.cli.outcome import BadArguments, Outcome
from glico.config import RunConfig, TrainConfig
from glico.files import copy
from glico.runs.kinds import KINDS


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the fields of the kind of run that the command is named after, and the output file."""
    kind = parser.prog.rsplit(" ", 1)[-1]
    add_fields(parser, KINDS[kind].config, positional="dataset")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="copy the checkpoint here (.safetensors) at the end"
    )
    add_options(parser)
    add_backend(parser)


def _settings(arguments: argparse.Namespace, schema: type[RunConfig]) -> dict[str, Any]:
    """Return the given values. A warm start takes those that are not given from its checkpoint, but no name of a file:
    a checkpoint may come from a stranger. Raises GlicoError if it cannot be read."""
    values = given_values(arguments, schema)
    path = values.get("warm_start")
    if path is None or schema is not TrainConfig:
        return values
    from glico.checkpoints.latent_space import config_of  # imports NumPy, which the command line can do without

    trained = config_of(path).warm_started(path)
    local = ("device", "download")
    taken = [name for name in schema.names() if name not in local and not schema.describe(name).names_file]
    return {name: getattr(trained, name) for name in taken} | values


def run(arguments: argparse.Namespace) -> Outcome:
    """Start or resume the run of this configuration, follow it, and print the path of its checkpoint."""
    kind = KINDS[arguments.command]
    config: RunConfig = build(kind.config, _settings(arguments, kind.config))
    output: Path | None = arguments.output
    if output is not None and (output.suffix != ".safetensors" or output.is_dir()):
        raise BadArguments(f"--output is {output}, but it takes the name of a .safetensors file.")
    if output is not None and arguments.detach:
        raise BadArguments("--output needs the end of the training, which --detach does not wait for.")
    (folder,) = do_all([config], arguments)
    state = folder.state
    data = {"run": folder.id, "folder": str(folder.path), "status": state.status, "step": state.step}
    problem = failure(folder, state)
    if problem or state.alive:
        return Outcome("", data, [problem] if problem else [])
    result = folder.result or {}
    for sentence in result.get("data", {}).get("sentences", []):
        print(sentence, file=sys.stderr)
    for warning in result.get("warnings", []):
        print(f"Warning: {warning}", file=sys.stderr)
    checkpoint = folder.file(kind.output)
    if output is not None:
        copy(checkpoint, output)
        checkpoint = output
    return Outcome(str(checkpoint), data | {"checkpoint": str(checkpoint), "result": result})
