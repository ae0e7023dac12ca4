"""Compare neighbourhood sizes of projections and their times; compute the shipped projections.

    python -m benchmarks.projections [GLO GLICO]...
    python -m benchmarks.projections --ship

For every pair of checkpoints of one sample (by default those in checkpoints/) and every method, the table has: the
trustworthiness of both maps among 5 and 10 neighbours; the 5-nearest-neighbour purity in the plane and of the codes,
which reveals a picture with more classes than there are; the distance between a class's centres in the two maps, in
radii; and the CPU seconds of both maps, without loading. ``--ship`` recomputes the projections that the app opens with.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import ProjectConfig
from glico.latent.projection import project, suited
from glico.latent.projection_cache import key, save
from glico.latent.structure import per_image, trustworthiness
from glico.places import SHIPPED
from glico.runs.projecting import compute
from glico.types import Codes, Labels, Layout

NEIGHBOURHOODS = (5, 8, 10, 15, 30)


def main() -> None:
    """Print the table, or compute the shipped projections."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", nargs="*", type=Path)
    parser.add_argument("--ship", action="store_true", help="recompute the projections in checkpoints/")
    arguments = parser.parse_args()
    if arguments.ship:
        ship()
        return
    named = list(zip(arguments.checkpoints[::2], arguments.checkpoints[1::2], strict=True))
    for left, right in named or shipped_pairs():
        codes, labels = opened(left, right)
        purity = " → ".join(f"{per_image(z, labels)['purity'].mean():.3f}" for z in codes)
        print(f"\n{left.stem} → {right.stem}: {len(labels)} codes, purity {purity}\n")
        head = ("projection", "trusted among 5", "among 10", "purity in the plane", "apart", "CPU s")
        print(f"| {' | '.join(head)} |\n|{' --- |' * len(head)}")
        for words, layouts, seconds in varied(codes):
            trusted = [
                " → ".join(f"{trustworthiness(z, y, among):.3f}" for z, y in zip(codes, layouts, strict=True))
                for among in (5, 10)
            ]
            seen = " → ".join(f"{purity_in_plane(y, labels):.3f}" for y in layouts)
            print(f"| {words} | {' | '.join(trusted)} | {seen} | {apart(layouts, labels):.2f} | {seconds:.2f} |")


def shipped_pairs() -> list[tuple[Path, Path]]:
    """Return the shipped pairs of checkpoints, GLO before GLICO."""
    glo = sorted(SHIPPED.glob("*-glo.safetensors"))
    return [(path, path.with_name(path.name.replace("-glo.", "-glico."))) for path in glo]


def opened(left: Path, right: Path) -> tuple[list[Codes], Labels]:
    """Return the codes of two checkpoints of one sample, and its labels."""
    both = [Checkpoint.load(path) for path in (left, right)]
    return [each.codes.float().numpy() for each in both], both[0].labels.numpy()


def varied(codes: list[Codes]) -> Iterator[tuple[str, list[Layout], float]]:
    """Return every method with every neighbourhood size."""
    for method, name in (("umap", "neighbours"), ("tsne", "perplexity")):
        for size in NEIGHBOURHOODS:
            config = ProjectConfig.model_validate({"method": method, name: size})
            begun = time.process_time()
            yield f"{method}, {name} {size}", project(codes, config), time.process_time() - begun
    begun = time.process_time()
    yield "pca", project(codes, ProjectConfig(method="pca")), time.process_time() - begun


def purity_in_plane(layout: Layout, labels: Labels) -> float:
    """Return the 5-nearest-neighbour purity of a layout (n, 2), by Euclidean distance."""
    distance = ((layout[:, None] - layout[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    return float((labels[np.argsort(distance, axis=1)[:, :5]] == labels[:, None]).mean())


def apart(layouts: list[Layout], labels: Labels) -> float:
    """Return the mean distance between a class's centres in the two maps, in radii of the first."""
    first, last = (np.stack([y[labels == k].mean(axis=0) for k in np.unique(labels)]) for y in layouts)
    radius = np.sqrt((layouts[0] ** 2).sum(axis=1).mean())
    return float(np.linalg.norm(first - last, axis=1).mean() / radius)


def ship() -> None:
    """Replace the shipped projections by the UMAP of every shipped pair, as the app opens it."""
    folder = SHIPPED / "projections"
    for stale in folder.glob("*.npz"):
        stale.unlink()
    for pair in shipped_pairs():
        codes, labels = opened(*pair)
        config = suited(ProjectConfig(), labels)
        print(save(key(codes, config), compute(codes, config), folder))


if __name__ == "__main__":
    main()
