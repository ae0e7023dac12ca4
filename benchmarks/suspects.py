"""Count the wrong labels that the list of suspects finds, and those that cleanlab finds on the same features.

    python -m benchmarks.suspects DATASET ... [--resolution N] [--samples-per-class 50] [--wrong 0.1]
        [--seeds 0 1 2 3 4 5 6 7 8 9]

A seed draws a small sample (up to that many images of a class) and exchanges the labels of a share of its images, each
for another class at random. The table has the share of the exchanged labels among the first tenth of the list, the
mean over seeds, its standard error, and the paired difference. Features: the edges and colours that the app uses, and
those of a pretrained network if the extra pretrained is installed. cleanlab ranks by self-confidence, from the
probabilities of a logistic regression in 5-fold cross-validation on standardised features; its penalty is the better
one of several, chosen on the exchanged labels themselves, which favours it. The extra dev has cleanlab.
"""

import argparse
from collections.abc import Iterator, Sequence

import numpy as np
from cleanlab.rank import get_label_quality_scores
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glico.data import load_dataset, small_sample
from glico.evaluation.statistics import estimate
from glico.latent.doubts import Floats, doubts, image_features
from glico.models.pretrained import pretrained_features
from glico.models.pretrained_weights import has_pretrained
from glico.types import Images, Labels

FIRST = 0.1  # of the list
PENALTIES = (0.01, 0.1, 1.0)  # cleanlab's logistic regression: C


def exchanged(labels: Labels, classes: int, share: float, seed: int) -> Labels:
    """Return the labels (n,) with a share of them exchanged for another class."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(labels))[: round(share * len(labels))]
    changed = labels.copy()
    changed[rows] = (changed[rows] + rng.integers(1, classes, len(rows))) % classes
    return changed


def share_found(scores: Floats, is_wrong: NDArray[np.bool_]) -> float:
    """Return the share of the wrong labels among the first of those with the highest ``scores`` (n,)."""
    first = np.argsort(-scores, kind="stable")[: round(FIRST * len(scores))]
    return float(is_wrong[first].sum() / is_wrong.sum())


def by_cleanlab(features: Sequence[Floats], labels: Labels, penalty: float) -> Floats:
    """Return cleanlab's doubts (n,) about ``labels``: the higher, the more."""
    x = np.concatenate([StandardScaler().fit_transform(each) / each.shape[1] ** 0.5 for each in features], axis=1)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=penalty, max_iter=500))
    probabilities = cross_val_predict(model, x, labels, cv=folds, method="predict_proba")
    scores: Floats = -get_label_quality_scores(labels, probabilities, method="self_confidence")
    return scores


def kinds_of_features(images: Images) -> Iterator[tuple[str, list[Floats]]]:
    """The features to compare, by name."""
    yield "edges and colours", image_features(images)
    if has_pretrained():
        yield "pretrained network", [pretrained_features(images).numpy().astype(np.float64)]


def measure(dataset: str, resolution: int | None, per_class: int, wrong: float, seeds: Sequence[int]) -> None:
    """Print the rows of a data set."""
    data = load_dataset(dataset, resolution)
    ours: dict[str, list[float]] = {}
    theirs: dict[str, dict[float, list[float]]] = {}
    size = 0
    for seed in seeds:
        sample = small_sample(data, per_class, seed, per_class="up-to")
        classes, size = len(sample.class_names), len(sample.labels)
        labels = exchanged(sample.labels, classes, wrong, seed)
        is_wrong = labels != sample.labels
        for name, features in kinds_of_features(sample.images):
            ours.setdefault(name, []).append(share_found(doubts(features, labels, classes).margin, is_wrong))
            for penalty in PENALTIES:
                score = share_found(by_cleanlab(features, labels, penalty), is_wrong)
                theirs.setdefault(name, {}).setdefault(penalty, []).append(score)
    for name, own in ours.items():
        best = max(theirs[name].values(), key=lambda scores: sum(scores))
        each = [own, best, [mine - other for mine, other in zip(own, best, strict=True)]]
        cells = [f"{100 * e.mean:.0f} ± {100 * e.standard_error:.0f}" for e in map(estimate, each)]
        print(f"| {data.name}, {size} images | {name} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", nargs="+")
    parser.add_argument("--resolution", type=int)
    parser.add_argument("--samples-per-class", type=int, default=50)
    parser.add_argument("--wrong", type=float, default=0.1)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(10)))
    options = parser.parse_args()
    print("| small sample | features | found by the app, % | by cleanlab, % | difference |")
    print("| --- | --- | --- | --- | --- |")
    for dataset in options.dataset:
        measure(dataset, options.resolution, options.samples_per_class, options.wrong, options.seeds)


if __name__ == "__main__":
    main()
