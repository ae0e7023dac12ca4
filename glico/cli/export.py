"""export RUN: a run's trained classifier as one file, TorchScript or ONNX, with its preprocessing inside."""

import argparse
from pathlib import Path

from glico.cli.outcome import BadArguments, Outcome
from glico.errors import GlicoError
from glico.files import write_atomically
from glico.runs.folder import RunFolder

SUFFIXES = (".pt", ".onnx")


def configure(parser: argparse.ArgumentParser) -> None:
    """The run and the file."""
    parser.add_argument("run_id", metavar="RUN", help="a classifier run's id, or the path of its folder")
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FILE",
        help="the file to write: .pt (TorchScript) or .onnx (needs the packages onnx and onnxscript)",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> Outcome:
    """Write the file."""
    output: Path = arguments.output
    if output.suffix.lower() not in SUFFIXES:
        raise BadArguments(f"--output is {output}, but its name must end in {' or '.join(SUFFIXES)}.")
    folder = RunFolder.open(arguments.run_id)
    kept = folder.file("classifier.safetensors")
    if not kept.exists():
        raise GlicoError(f"{folder.id} has no trained classifier: it is no finished classifier run, or kept none.")

    from glico.checkpoints.trained_classifier import TrainedClassifier

    trained = TrainedClassifier.load(kept)
    content = trained.onnx() if output.suffix.lower() == ".onnx" else trained.torchscript()
    write_atomically(output, content, parents=True)
    return Outcome(str(output), {"output": str(output), "run": folder.id, "classes": trained.class_names})
