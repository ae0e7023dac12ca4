"""Compare this version's training with that of another checkout, in turns: processor seconds and quality."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import TrainConfig
from glico.latent.collapse import variations
from glico.latent.encode import encode, generalisation
from glico.latent.halfway import halfway
from glico.latent.structure import per_image
from glico.losses.laplacian import LaplacianLoss
from glico.pixels import to_array

ROOT = Path(__file__).resolve().parent.parent
WORKER = ROOT / "benchmarks" / "sitting_worker.py"
MEASURES = (
    "steps",
    "seconds",
    "until four fifths",
    "loss",
    "without noise",
    "purity",
    "variation",
    "k-NN",
    "sharpness",
)
RECOGNISED = 0.8  # of the variation within classes
LAST = 5  # records: the loss is their mean, since each has noise of its own


def compare(options: Namespace, settings: Mapping[str, Any]) -> None:
    """Print the table of this version and of ``options.beside``: medians of all rounds, and ratios of seconds."""
    versions = {"this version": ROOT, f"{options.beside}": Path(options.beside)}
    results: dict[str, list[dict[str, float]]] = defaultdict(list)
    for seed in range(options.seed, options.seed + options.rounds):
        for name, folder in versions.items():
            results[name].append(measured(folder, options, settings, seed))
    print(f"| version | {' | '.join(MEASURES)} |\n|{' --- |' * (len(MEASURES) + 1)}")
    for name, rounds in results.items():
        print(f"| {name} | {' | '.join(_cell([one[measure] for one in rounds]) for measure in MEASURES)} |")
    new, old = results.values()
    for measure in ("seconds", "until four fifths"):
        ratios = [one[measure] / other[measure] for one, other in zip(new, old, strict=True)]
        print(f"{measure}, this version / the other: {_cell(ratios)}")


def measured(folder: Path, options: Namespace, settings: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Train once with the version in ``folder`` on one thread. Return MEASURES."""
    request = {name: getattr(options, name) for name in ("dataset", "resolution", "samples_per_class")}
    request |= {"seed": seed, "settings": dict(settings)}
    if os.path.exists(options.dataset):
        request["dataset"] = os.path.abspath(options.dataset)
    environment = os.environ | {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "result.safetensors"
        command = [sys.executable, str(WORKER), str(file), json.dumps(request)]
        done = subprocess.run(command, cwd=temporary, env=environment, stdout=subprocess.PIPE, check=True, text=True)
        arrays = load_file(file)
    answer = json.loads(done.stdout.splitlines()[-1])
    curve = answer["curve"]
    recognised = next((now for now, _, held in curve if held is not None and held >= RECOGNISED), float("nan"))
    return {
        "steps": answer["steps"],
        "seconds": curve[-1][0],
        "until four fifths": recognised,
        "loss": statistics.mean(loss for _, loss, _ in curve[-LAST:]),
        **quality(arrays, tuple(answer["classes"]), TrainConfig.model_validate(settings)),
    }


def quality(arrays: dict[str, Any], names: tuple[str, ...], config: TrainConfig) -> dict[str, float]:
    """Return the measures of a result, all taken by this version."""
    images, codes, labels = (arrays[name] for name in ("images", "codes", "labels"))
    generator = {name.removeprefix("generator."): value for name, value in arrays.items() if name.startswith("gen")}
    checkpoint = Checkpoint(
        config=config,
        class_names=names,
        image_shape=images.shape[1:],
        codes=torch.from_numpy(codes),
        labels=torch.from_numpy(labels),
        indices=torch.from_numpy(arrays["indices"]),
        generator={name: torch.from_numpy(value) for name, value in generator.items()},
        images=torch.from_numpy(images),
    )
    decode, loss = checkpoint.decoder(), LaplacianLoss()
    true = loss.targets(to_array(images))
    errors = loss.distance(loss.targets(np.asarray(decode(checkpoint.codes))), true)
    held = [share for share in variations(decode, checkpoint.codes, labels, images, len(names)) if share is not None]
    encoded = encode(checkpoint, arrays["unseen"])
    return {
        "without noise": float(errors.mean()),
        "purity": float(np.nanmean(per_image(codes, labels)["purity"])),
        "variation": statistics.mean(held),
        "k-NN": generalisation(checkpoint, arrays["unseen"], arrays["unseen_labels"], encoded).code_accuracy,
        "sharpness": halfway(decode, checkpoint.codes, labels).sharpness,
    }


def _cell(values: list[float]) -> str:
    """Return the median and, of several values, the smallest and largest."""
    digits = 0 if min(values) >= 5 else 3
    spread = f" ({min(values):.{digits}f} to {max(values):.{digits}f})" if len(values) > 1 else ""
    return f"{statistics.median(values):.{digits}f}{spread}"
