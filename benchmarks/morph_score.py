"""Measure how well the score of a morph ranks pairs that a person has rated.

    python -m benchmarks.morph_score NAME=PATH [NAME=PATH ...]

Each NAME is a data set of morph_judgements.csv, which holds no images: the data set's name, its resolution, the images
per class of the small sample (seed 0), the part, the rows of two images of a class in the sample, and the verdict, 1 if
halfway one thing has become the other, seen in contact sheets of original images. The score was chosen on the part
"choice" alone. Printed for each part: the area under the ROC curve with the 95 % interval of its bootstrap over pairs.
"""

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glico.data import load_dataset, small_sample
from glico.latent.morphs import Morphs

JUDGEMENTS = Path(__file__).parent / "morph_judgements.csv"
RESAMPLES = 4000


def area_under_curve(values: NDArray[np.float64], verdicts: NDArray[np.bool_]) -> float:
    """The share of pairs of a good and a bad one that ``values`` put in order."""
    good, bad = values[verdicts][:, None], values[~verdicts][None]
    return float((good > bad).mean() + 0.5 * (good == bad).mean())


def interval(values: NDArray[np.float64], verdicts: NDArray[np.bool_]) -> tuple[float, float]:
    """The 95 % percentile interval of :func:`area_under_curve` over resampled pairs."""
    rng = np.random.default_rng(0)
    result: list[float] = []
    while len(result) < RESAMPLES:
        drawn = rng.integers(len(values), size=len(values))
        if 0 < verdicts[drawn].sum() < len(drawn):
            result.append(area_under_curve(values[drawn], verdicts[drawn]))
    low, high = np.quantile(result, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", metavar="NAME=PATH", nargs="+", help="a judged data set and where it is")
    places = dict(place.split("=", 1) for place in parser.parse_args().datasets)
    with JUDGEMENTS.open(encoding="utf-8", newline="") as file:
        rated = [row for row in csv.DictReader(file) if row["dataset"] in places]
    result: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for name, place in places.items():
        own = [row for row in rated if row["dataset"] == name]
        data = load_dataset(place, int(own[0]["resolution"]))
        sample = small_sample(data, int(own[0]["samples_per_class"]), 0)
        morphs = Morphs(sample.images, sample.labels)
        for row in own:
            value = morphs.score((int(row["a"]), int(row["b"])))
            for part in (row["part"], f"{row['part']}, {name}"):
                result[part].append((value, row["verdict"] == "1"))
    print("| pairs | good | of | AUC | 95 % interval |\n| --- | --- | --- | --- | --- |")
    for part, pairs in sorted(result.items()):
        values, verdicts = np.array([value for value, _ in pairs]), np.array([good for _, good in pairs])
        low, high = interval(values, verdicts)
        area = area_under_curve(values, verdicts)
        print(f"| {part} | {verdicts.sum()} | {len(pairs)} | {area:.2f} | {low:.2f} to {high:.2f} |", flush=True)


if __name__ == "__main__":
    main()
