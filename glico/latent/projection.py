"""Codes -> points of a picture: UMAP, t-SNE, PCA, in 2-D and 3-D, for several sets of codes of the same images.

The sets are laid out so that a class stays in its place from one picture to the next: AlignedUMAP for UMAP; for
PCA and t-SNE each layout is turned onto the first (orthogonal Procrustes). Heavy libraries load when called.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glico.config import ProjectConfig

Codes = NDArray[np.float32]  # (n, d), rows on the unit sphere
Layout = NDArray[np.float32]  # (n, 2) or (n, 3)
Progress = Callable[[str, float], None]  # what is being done, and how much of all is done: 0 to 1

# The parameters of ProjectConfig that each method looks at; a change of another leaves its layout as it is.
PARAMETERS = {
    "umap": ("neighbours", "minimum_distance", "metric"),
    "tsne": ("perplexity",),
    "pca": (),
}
FEWEST = 5  # with fewer codes there is no neighbourhood to keep, and every method gives the PCA
# How strongly AlignedUMAP ties the sets. On codes of digits (GLO, GLICO) 0.1 in place of umap-learn's 0.01 brings
# the classes' centres from 0.43 to 0.17 radii apart at the same trustworthiness (0.946, 0.986).
ALIGNMENT = 0.1
PLACING_NEIGHBOURS = 5
FILM_ANCHORS = 1000


def project(codes: Sequence[Codes], config: ProjectConfig, progress: Progress | None = None) -> list[Layout]:
    """Layouts of sets of codes, row i of each set belonging to the same image; centred, and aligned to the first."""
    progress = progress or _silent
    method = config.method if len(codes[0]) >= FEWEST else "pca"
    layouts = METHODS[method](codes, config, progress)
    layouts = [(layout - layout.mean(axis=0)).astype(np.float32) for layout in layouts]
    if method != "umap":
        layouts = [layouts[0], *(layout @ rotation(layout, layouts[0]) for layout in layouts[1:])]
    progress("done", 1.0)
    return layouts


def film(snapshots: NDArray[Any], codes: Codes, layout: Layout, config: ProjectConfig) -> Layout:
    """How the codes (n, d) came to their ``layout`` (n, c): snapshots (s, n, d) of them -> (s, n, c).

    PCA shows every snapshot as it shows the codes. UMAP and t-SNE have no map for other codes: there a point lies as
    far from its place in the layout as what is near its code, among the other images' last codes, lies from what is
    near in the end. A point so moves only where its code does, and ends in its place. Of more than FILM_ANCHORS
    codes, as many evenly spaced ones say what is near.
    """
    if config.method == "pca":
        return np.stack([place(snapshot.astype(np.float32), codes, layout, config) for snapshot in snapshots])
    anchors = np.unique(np.linspace(0, len(codes) - 1, min(len(codes), FILM_ANCHORS)).astype(int))
    end = _between(codes, codes[anchors], layout[anchors], anchors)
    near = (_between(snapshot.astype(np.float32), codes[anchors], layout[anchors], anchors) for snapshot in snapshots)
    return np.stack([layout + each - end for each in near])


def place(new: Codes, codes: Codes, layout: Layout, config: ProjectConfig) -> Layout:
    """Where ``new`` codes (m, d) fall in the ``layout`` (n, c) of ``codes`` (n, d).

    PCA is linear, so they fall where it puts them. UMAP and t-SNE have no map for new codes: each falls between
    its nearest codes, weighted by the inverse square of the angle, so that a code of the layout falls on itself.
    """
    if config.method == "pca":
        mean = codes.mean(axis=0)
        linear, *_ = np.linalg.lstsq(codes - mean, layout, rcond=None)
        return ((new - mean) @ linear).astype(np.float32)
    return _between(new, codes, layout)


def rotation(layout: Layout, onto: Layout) -> NDArray[np.float32]:
    """The rotation or reflection R (c, c) that brings ``layout`` @ R nearest to ``onto``: orthogonal Procrustes."""
    u, _, vt = np.linalg.svd(layout.T @ onto)
    return (u @ vt).astype(np.float32)


def _pca(codes: Sequence[Codes], config: ProjectConfig, progress: Progress) -> list[Layout]:
    layouts = []
    for index, z in enumerate(codes):
        progress("finding principal axes", index / len(codes))
        centred = z - z.mean(axis=0)
        _, axes = np.linalg.eigh(centred.T @ centred)  # ascending
        axes = axes[:, ::-1][:, : config.components]
        axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])  # the sign is arbitrary: fix it
        layout = centred @ axes
        layouts.append(np.pad(layout, ((0, 0), (0, config.components - layout.shape[1]))))
    return layouts


def _tsne(codes: Sequence[Codes], config: ProjectConfig, progress: Progress) -> list[Layout]:
    layouts: list[Layout] = []
    for index, z in enumerate(codes):
        progress("t-SNE", index / len(codes))
        if not layouts:
            layouts.append(_fit_tsne(z, config, init="pca"))
            continue
        # A later set starts from the first's layout and is not exaggerated, so that its classes keep their places.
        layout = _fit_tsne(z, config, init=layouts[0], early_exaggeration=1.0)
        layouts.append(layout * (_radius(layouts[0]) / _radius(layout)))
    return layouts


def _umap(codes: Sequence[Codes], config: ProjectConfig, progress: Progress) -> list[Layout]:
    progress("loading UMAP", 0.0)
    import umap

    options = _umap_options(config, len(codes[0]))
    runs = 2 * len(codes) - 1 if len(codes) > 1 else 1  # AlignedUMAP lays out each set alone, then all together
    with _umap_reports(progress, runs, config.minimum_distance):
        if len(codes) == 1:
            return [umap.UMAP(**options).fit_transform(codes[0])]
        same = [{i: i for i in range(len(codes[0]))}] * (len(codes) - 1)
        layouts = (
            umap.AlignedUMAP(**options, alignment_regularisation=ALIGNMENT).fit(list(codes), relations=same).embeddings_
        )
    return [np.nan_to_num(np.asarray(layout)) for layout in layouts]  # NaN: a code with no neighbour at all


METHODS = {"umap": _umap, "tsne": _tsne, "pca": _pca}


def _umap_options(config: ProjectConfig, count: int) -> dict[str, Any]:
    return {
        "n_neighbors": min(config.neighbours, count - 1),
        "min_dist": config.minimum_distance,
        "n_components": config.components,
        "metric": config.metric,
        "random_state": config.seed,
        "transform_seed": config.seed,
    }


def _fit_tsne(codes: Codes, config: ProjectConfig, **options: Any) -> Layout:
    from sklearn.manifold import TSNE

    perplexity = min(config.perplexity, (len(codes) - 1) / 3)
    return TSNE(config.components, perplexity=perplexity, random_state=config.seed, n_jobs=1, **options).fit_transform(
        codes
    )


def _between(new: Codes, codes: Codes, layout: Layout, own: NDArray[np.int64] | None = None) -> Layout:
    """Means of the nearest codes' places, weighted by the inverse square of the distance; without new code own[j] for
    code j, where ``own`` is given."""
    cosine = new @ codes.T
    if own is not None:
        cosine[own, np.arange(len(codes))] = -np.inf
    count = min(PLACING_NEIGHBOURS, len(codes) - (own is not None))
    near = np.argpartition(-cosine, count - 1, axis=1)[:, :count]  # (m, k)
    distance = ((new[:, None] - codes[near]).astype(np.float64) ** 2).sum(axis=2)  # exact where a code is met
    weight = 1 / np.maximum(distance, 1e-12)
    weight /= weight.sum(axis=1, keepdims=True)
    return (weight[:, :, None] * layout[near]).sum(axis=1).astype(np.float32)


@contextmanager
def _umap_reports(progress: Progress, runs: int, minimum_distance: float) -> Iterator[None]:
    """Progress out of umap-learn's epochs, and ``min_dist`` into AlignedUMAP, whose optimiser drops it (0.5.12)."""
    import umap.aligned_umap
    import umap.layouts
    from umap.umap_ import find_ab_params

    tqdm, optimise = umap.layouts.tqdm, umap.aligned_umap.optimize_layout_aligned_euclidean
    a, b = find_ab_params(1.0, minimum_distance)
    finished = 0

    def counted(epochs: range, **_: Any) -> Iterator[int]:
        nonlocal finished
        # The joint layout that AlignedUMAP ends with takes about as long as those before it together.
        share = 1 if finished < runs // 2 + 1 else runs // 2
        for epoch in epochs:
            progress("laying out", (finished + share * epoch / len(epochs)) / runs)
            yield epoch
        finished += share

    umap.layouts.tqdm = counted
    umap.aligned_umap.optimize_layout_aligned_euclidean = partial(optimise, a=a, b=b)
    try:
        yield
    finally:
        umap.layouts.tqdm = tqdm
        umap.aligned_umap.optimize_layout_aligned_euclidean = optimise


def _radius(layout: Layout) -> float:
    return float(np.sqrt((layout**2).sum(axis=1).mean()))


def _silent(stage: str, fraction: float) -> None:
    pass
