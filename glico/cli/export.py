"""export SOURCE: write a trained network as a file that other programs open."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glico.cli.outcome import BadArguments, Outcome
from glico.errors import GlicoError
from glico.files import write_atomically
from glico.runs.folder import RunFolder

if TYPE_CHECKING:
    from glico.checkpoints.opened import OpenCheckpoint

Content = bytes | Mapping[str, bytes]  # of a file, or of the files of a folder


def configure(parser: argparse.ArgumentParser) -> None:
    """The exported object, and the file."""
    parser.add_argument(
        "source", metavar="SOURCE", help="a checkpoint (.safetensors), or a classifier run's id or folder"
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help="of a checkpoint: .html (map, sliders and generator in one page of 6 MB or more, which needs no network), "
        ".onnx (the generator), .parquet (codes, images and projections, for Embedding Atlas) or a name without suffix "
        "(a folder for TensorBoard's projector); of a run: its classifier as .pt (TorchScript) or .onnx",
    )


def run(arguments: argparse.Namespace) -> Outcome:
    """Write the file."""
    output: Path = arguments.output
    of_checkpoint = Path(arguments.source).suffix == ".safetensors"
    kinds: Mapping[str, Callable[..., Content]] = OF_CHECKPOINT if of_checkpoint else OF_RUN
    if output.suffix.lower() not in kinds:
        named = [kind or "no suffix" for kind in kinds]
        raise BadArguments(
            f"--output is {output}, but of a {'checkpoint' if of_checkpoint else 'run'} its name must end in "
            f"{', '.join(named[:-1])} or {named[-1]}."
        )
    write = kinds[output.suffix.lower()]
    if of_checkpoint:
        from glico.checkpoints.opened import OpenCheckpoint

        checkpoint = OpenCheckpoint.load(arguments.source)
        facts: dict[str, Any] = {"checkpoint": arguments.source, "classes": checkpoint.space.class_names}
        content = write(checkpoint, Path(arguments.source).stem)
    else:
        from glico.checkpoints.trained_classifier import TrainedClassifier

        folder = RunFolder.open(arguments.source)
        classifier = folder.file("classifier.safetensors")
        if not classifier.exists():
            raise GlicoError(
                f"{folder.id} has no trained classifier: it is no finished classifier run, or kept none. "
                "Choose a finished run with --store-classifier."
            )
        trained = TrainedClassifier.load(classifier)
        facts = {"run": folder.id, "classes": trained.class_names}
        content = write(trained)
    files = {output: content} if isinstance(content, bytes) else {output / name: each for name, each in content.items()}
    for path, each in files.items():
        write_atomically(path, each, parents=True)
    return Outcome(str(output), {"output": str(output), **facts})


def _parquet(checkpoint: "OpenCheckpoint", name: str) -> bytes:
    from glico.runs.projecting import laid_out
    from glico.web.viewers import parquet

    return parquet(checkpoint, *laid_out(checkpoint.space))


def _page(checkpoint: "OpenCheckpoint", name: str) -> bytes:
    from glico.runs.explorer_file import explorer_file

    return explorer_file(checkpoint, name)


def _projector(checkpoint: "OpenCheckpoint", name: str) -> Mapping[str, bytes]:
    from glico.web.viewers import projector

    return projector(checkpoint, name)


OF_RUN = {".pt": lambda trained: trained.torchscript(), ".onnx": lambda trained: trained.onnx()}
OF_CHECKPOINT = {
    ".html": _page,
    ".onnx": lambda checkpoint, name: checkpoint.graph,
    ".parquet": _parquet,
    "": _projector,
}
