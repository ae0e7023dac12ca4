"""Train once with whichever version of the package is imported, for ``benchmarks.sitting --beside``.

    PYTHONPATH=CHECKOUT python sitting_worker.py FILE JSON

JSON holds dataset, resolution, samples_per_class, seed and the changed ``settings``. FILE gets codes, generator and
unseen images; the printed line is JSON: the ``curve`` of (processor seconds, loss, variation or None).
"""

import json
import sys
import time

import numpy as np
import torch
from safetensors.numpy import save_file

from glico.config import TrainConfig
from glico.data import load_dataset, small_sample
from glico.training.latent_optimisation import LatentOptimisation

UNSEEN = 100  # images, at most


def main(file: str, request: str) -> None:
    """Write ``file`` and print the curve."""
    setup = json.loads(request)
    torch.set_num_threads(1)
    data = load_dataset(setup["dataset"], setup["resolution"])
    sample = small_sample(data, setup["samples_per_class"], setup["seed"])
    config = TrainConfig.model_validate({"dataset": setup["dataset"], "seed": setup["seed"]} | setup["settings"])
    started = time.process_time()
    training = LatentOptimisation(config, sample)
    curve = [
        (time.process_time() - started, record["reconstruction"], record.get("variation"))
        for record in training
        if record
    ]
    rest = np.setdiff1d(np.arange(len(data.train_images)), sample.indices)
    has_test = len(data.test_images) > 0
    images, labels = (
        (data.test_images, data.test_labels) if has_test else (data.train_images[rest], data.train_labels[rest])
    )
    rows = np.linspace(0, len(labels) - 1, min(UNSEEN, len(labels))).astype(int)
    arrays = {"images": sample.images, "labels": sample.labels, "indices": sample.indices}
    arrays |= {"unseen": images[rows], "unseen_labels": labels[rows], "codes": training.codes.weight.detach().numpy()}
    arrays |= {f"generator.{name}": value.numpy() for name, value in training.generator.state_dict().items()}
    save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, file)
    print(json.dumps({"curve": curve, "steps": training.total_steps, "classes": list(sample.class_names)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
