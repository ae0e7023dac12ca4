"""Project codes to points in 2-D or 3-D by UMAP, t-SNE or PCA, for several sets of codes of the same images.

A class keeps its place in the layouts of all sets: each layout is rotated onto the first (orthogonal Procrustes), and
all have the same initial layout if the method takes one. Heavy libraries are imported only when used."""

import math
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glico.config import ProjectConfig
from glico.config.limits import check
from glico.latent.neighbours import greatest
from glico.places import cache_directory
from glico.rows import evenly_spaced
from glico.types import Codes, Layout, Progress

# The parameters of ProjectConfig that each method uses; other parameters do not change its layout.
PARAMETERS = {
    "umap": ("neighbours", "minimum_distance", "metric"),
    "tsne": ("perplexity",),
    "pca": (),
}
FEWEST = 5  # with fewer codes there are no neighbourhoods to preserve, and every method returns the PCA
FEWEST_NEIGHBOURS, MOST_NEIGHBOURS = 5, 15
# umap-learn's own rate is 1. Of 1, 0.5, 0.2 and 0.1 this one keeps the centres of a class nearest between the shipped
# maps (0.3 and 0.6 radii) at the same trustworthiness: `python -m benchmarks.projections`.
LATER_RATE = 0.2
PLACING_NEIGHBOURS = 5
FILM_ANCHORS = 1000


def suited(config: ProjectConfig, labels: NDArray[np.int64]) -> ProjectConfig:
    """Return the configuration with its open options set for a sample with these labels (n,), -1 for unlabelled.

    A point's neighbourhood, with the point itself, has the median size of a class. A larger one would have points of
    other classes, which would pull the classes together. ``python -m benchmarks.projections`` compares.
    """
    _, sizes = np.unique(labels[labels >= 0], return_counts=True)
    size = int(np.median(sizes)) if len(sizes) else MOST_NEIGHBOURS
    neighbours = min(max(size, FEWEST_NEIGHBOURS), MOST_NEIGHBOURS)
    return config.model_copy(
        update={
            "neighbours": config.neighbours or neighbours,
            "perplexity": config.perplexity or float(neighbours),
        }
    )


def project(codes: Sequence[Codes], config: ProjectConfig, progress: Progress | None = None) -> list[Layout]:
    """Return the layouts of sets of codes, centred and aligned to the first. Row i of each set is of the same image."""
    progress = progress or _silent
    method = config.method if len(codes[0]) >= FEWEST else "pca"
    layouts = METHODS[method](codes, config, progress)
    layouts = [(layout - layout.mean(axis=0)).astype(np.float32) for layout in layouts]
    layouts = [layouts[0], *(layout @ rotation(layout, layouts[0]) for layout in layouts[1:])]
    progress(1.0, "done")
    return layouts


def film(snapshots: NDArray[Any], codes: Codes, layout: Layout, config: ProjectConfig) -> Layout:
    """Lay out the snapshots (s, n, d) of the codes (n, d), which end in ``layout`` (n, c): (s, n, c).

    PCA projects every snapshot as it projects the codes. UMAP and t-SNE cannot project other codes. Their points are
    placed relative to the last codes of the other images: a point's offset from its final place is the offset of its
    code's neighbours now from its neighbours at the end. So a point moves only if its code does, and ends in its place.
    If there are more than FILM_ANCHORS codes, that number of evenly spaced ones serve as neighbours. Raises GlicoError
    beyond the limit of points.
    """
    check("film_points", math.prod(snapshots.shape[:2]), "The film of this training")
    if config.method == "pca":
        return np.stack([transform(snapshot.astype(np.float32), codes, layout, config) for snapshot in snapshots])
    anchors = evenly_spaced(len(codes), FILM_ANCHORS)
    end = _between(codes, codes[anchors], layout[anchors], anchors)
    near = (_between(snapshot.astype(np.float32), codes[anchors], layout[anchors], anchors) for snapshot in snapshots)
    return np.stack([layout + each - end for each in near])


def transform(new: Codes, codes: Codes, layout: Layout, config: ProjectConfig) -> Layout:
    """Place ``new`` codes (m, d) in the ``layout`` (n, c) of ``codes`` (n, d): (m, c).

    PCA is linear and projects them. UMAP and t-SNE cannot: each new code is placed between its nearest codes, weighted
    by the inverse square of the angle, so that a code of the layout gets its own place.
    """
    if config.method == "pca":
        mean = codes.mean(axis=0)
        linear, *_ = np.linalg.lstsq(codes - mean, layout, rcond=None)
        return ((new - mean) @ linear).astype(np.float32)
    return _between(new, codes, layout)


def rotation(layout: Layout, onto: Layout) -> NDArray[np.float32]:
    """Return the rotation or reflection R (c, c) with ``layout`` @ R nearest to ``onto``: orthogonal Procrustes."""
    u, _, vt = np.linalg.svd(layout.T @ onto)
    return (u @ vt).astype(np.float32)


def principal(codes: Codes, components: int) -> Layout:
    """Return codes (n, d) along their first principal axes, (n, components)."""
    centred = codes - codes.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)  # ascending
    axes = axes[:, ::-1][:, :components]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])  # the sign is arbitrary: fix it
    layout = centred @ axes
    return np.pad(layout, ((0, 0), (0, components - layout.shape[1])))


def _pca(codes: Sequence[Codes], config: ProjectConfig, progress: Progress) -> list[Layout]:
    layouts = []
    for index, z in enumerate(codes):
        progress(index / len(codes), "finding principal axes")
        layouts.append(principal(z, config.components))
    return layouts


def _tsne(codes: Sequence[Codes], config: ProjectConfig, progress: Progress) -> list[Layout]:
    layouts: list[Layout] = []
    for index, z in enumerate(codes):
        progress(index / len(codes), "t-SNE")
        if not layouts:
            layouts.append(_fit_tsne(z, config, init="pca"))
            continue
        # A later set starts from the first's layout and is not exaggerated, so that its classes keep their places.
        layout = _fit_tsne(z, config, init=layouts[0], early_exaggeration=1.0)
        layouts.append(_as_wide_as(layouts[0], layout))
    return layouts


def _umap(codes: Sequence[Codes], config: ProjectConfig, progress: Progress) -> list[Layout]:
    progress(0.0, "loading UMAP")
    umap = load_umap()
    count = len(codes[0])
    options = {
        "n_neighbors": min(config.neighbours or MOST_NEIGHBOURS, count - 1),
        "min_dist": config.minimum_distance,
        "n_components": config.components,
        "metric": config.metric,
        "random_state": config.seed,
        "n_jobs": 1,
    }
    start = principal(np.concatenate(codes, axis=1), config.components)
    layouts: list[Layout] = []
    for index, z in enumerate(codes):
        progress((index + 1) / (len(codes) + 1), f"laying out map {index + 1} of {len(codes)}")
        # A later set starts from the first's layout and moves slowly, so that its classes keep their places.
        initial = {"init": layouts[0], "learning_rate": LATER_RATE} if layouts else {"init": start}
        with _threads_kept():
            layout = np.nan_to_num(umap.UMAP(**options, **initial).fit_transform(z))  # NaN: a code with no neighbour
        layouts.append(_as_wide_as(layouts[0], layout) if layouts else layout)
    return layouts


@contextmanager
def _threads_kept() -> Iterator[None]:
    """Keep the number of PyTorch's threads: Numba's parallel functions set that of OpenMP, which both share."""
    torch = sys.modules.get("torch")
    threads = torch.get_num_threads() if torch else 0
    try:
        yield
    finally:
        if torch:
            torch.set_num_threads(threads)


METHODS = {"umap": _umap, "tsne": _tsne, "pca": _pca}


def _fit_tsne(codes: Codes, config: ProjectConfig, **options: Any) -> Layout:
    from sklearn.manifold import TSNE

    perplexity = min(config.perplexity or MOST_NEIGHBOURS, (len(codes) - 1) / 3)
    return TSNE(config.components, perplexity=perplexity, random_state=config.seed, n_jobs=1, **options).fit_transform(
        codes
    )


def _between(new: Codes, codes: Codes, layout: Layout, own: NDArray[np.int64] | None = None) -> Layout:
    """Return the means of the nearest codes' places, weighted by the inverse square of the distance.

    If ``own`` is given, code j does not count for the new code own[j].
    """
    cosine = new @ codes.T
    if own is not None:
        cosine[own, np.arange(len(codes))] = -np.inf
    count = min(PLACING_NEIGHBOURS, len(codes) - (own is not None))
    near = greatest(cosine, count)  # (m, k)
    distance = ((new[:, None] - codes[near]).astype(np.float64) ** 2).sum(axis=2)  # exactly 0 for an equal code
    weight = 1 / np.maximum(distance, 1e-12)
    weight /= weight.sum(axis=1, keepdims=True)
    return (weight[:, :, None] * layout[near]).sum(axis=1).astype(np.float32)


def _as_wide_as(first: Layout, layout: Layout) -> Layout:
    """Return ``layout`` (n, c) about its centre, scaled to the width of the ``first``."""
    layout = layout - layout.mean(axis=0)
    return layout * (first.std(axis=0).max() / max(float(layout.std(axis=0).max()), 1e-12))


def _silent(fraction: float, stage: str) -> None:
    pass


COMPILED = ("umap-learn", "pynndescent", "numba")


def compiled_directory() -> Path:
    """Return the folder of the compiled functions: ``$NUMBA_CACHE_DIR``, else one in the cache for these versions."""
    own = cache_directory() / "numba" / "-".join(version(name) for name in COMPILED)
    return Path(os.environ.get("NUMBA_CACHE_DIR", own))


def load_umap() -> ModuleType:
    """Import and return the package ``umap``, with all its compiled functions cached on disk. It caches only some.

    To be called before anything else imports Numba, which reads its settings once.
    """
    os.environ["NUMBA_CACHE_DIR"] = str(compiled_directory())
    import umap
    from numba.core.registry import CPUDispatcher

    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("umap", "pynndescent"):
            for function in vars(module).values():
                if isinstance(function, CPUDispatcher):
                    function.enable_caching()
    return umap
