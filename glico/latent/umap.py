"""UMAP of small samples: McInnes, Healy and Melville (2018), arXiv:1802.03426, with no approximation and no compiler.

Neighbours are exact, and the layout descends on the expected gradient of UMAP's sampled loss (Damrich and Hamprecht
2021, arXiv:2103.14608): every pair of points repels, or of more than REPELLING points as many drawn anew each epoch.
Several sets of codes of the same images are laid out together, a tie drawing an image's points towards each other.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from glico.latent.structure import nearest

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Codes = NDArray[np.float32]  # (n, d), rows on the unit sphere
Points = NDArray[np.float32]  # (n, c)
Metric = Literal["cosine", "euclidean"]

EPOCHS = 200
RATE = 1.0  # Adam's, falling in a line to 0
NEGATIVES = 5  # points that repel for one that attracts, as in umap-learn
REPELLING = 128
# How strongly the sets are tied. On the shipped pairs 0.3 brings the classes' centres in the two maps from 1.6 (digits)
# and 0.7 radii (CIFAR-10) to 0.3, for at most 0.03 of trustworthiness, and the purity in the plane nearer to that of
# the codes: `python -m benchmarks.projections --ties`.
TIE = 0.3
START = 10.0  # the largest coordinate at the start, as in umap-learn
TINY = 1e-12


def lay_out(
    codes: Sequence[Codes], start: Points, neighbours: int, minimum_distance: float, metric: Metric,
    seed: int, report: Callable[[float], None], tie: float = TIE,
) -> list[Points]:  # fmt: skip
    """Layouts (n, c) of sets of codes, row i of each set belonging to the same image, all from one ``start`` (n, c).

    ``neighbours`` counts the point itself, as umap-learn's ``n_neighbors``. ``report`` is given the share done.
    """
    rng = np.random.default_rng(seed)
    a, b = curve(minimum_distance)
    scaled = start * (START / max(float(np.abs(start).max()), TINY)) + 1e-3 * rng.normal(size=start.shape)
    y = np.stack([scaled] * len(codes)).astype(np.float32)  # (s, n, c)
    edges = [_edges(fuzzy_graph(z, neighbours, metric)) for z in codes]
    momentum, square = np.zeros_like(y), np.zeros_like(y)
    count = y.shape[1]
    for epoch in range(EPOCHS):
        report(epoch / EPOCHS)
        some = np.arange(count) if count <= REPELLING else rng.choice(count, REPELLING, replace=False)
        slope = np.stack([_slope(points, *each, some, a, b) for points, each in zip(y, edges, strict=True)])
        apart = tie * np.diff(y, axis=0)
        slope[:-1] -= apart
        slope[1:] += apart
        # Adam: Kingma and Ba (2015), Algorithm 1
        momentum += 0.1 * (slope - momentum)
        square += 0.01 * (slope**2 - square)
        rate = RATE * (1 - epoch / EPOCHS)
        unbiased = np.sqrt(square / (1 - 0.99 ** (epoch + 1))) + 1e-6
        y -= rate * momentum / (1 - 0.9 ** (epoch + 1)) / unbiased
    return list(y)


def fuzzy_graph(codes: Codes, neighbours: int, metric: Metric) -> "csr_array":
    """The weights (n, n) of the edges between near codes, symmetric: UMAP's Algorithms 2 and 3 with their union."""
    from scipy.sparse import csr_array

    near = nearest(codes, neighbours - 1)  # (n, k)
    distance = np.maximum(1 - np.einsum("nd,nkd->nk", codes, codes[near], dtype=np.float64), 0)
    if metric == "euclidean":
        distance = np.sqrt(2 * distance)
    closest = np.where(distance > 0, distance, np.inf).min(axis=1)
    beyond = np.maximum(distance - np.where(np.isfinite(closest), closest, 0)[:, None], 0)
    # Algorithm 3: the scale of each code at which its weights sum to log2 of its neighbours, by bisection
    low, high, scale = np.zeros(len(codes)), np.full(len(codes), np.inf), np.ones(len(codes))
    for _ in range(64):
        too_wide = np.exp(-beyond / np.maximum(scale, TINY)[:, None]).sum(axis=1) > np.log2(near.shape[1] + 1)
        low, high = np.where(too_wide, low, scale), np.where(too_wide, scale, high)
        scale = np.where(np.isinf(high), 2 * scale, (low + high) / 2)
    scale = np.maximum(scale, np.maximum(1e-3 * distance.mean(axis=1), TINY))
    weight = np.exp(-beyond / scale[:, None])
    rows = np.repeat(np.arange(len(codes)), near.shape[1])
    directed = csr_array((weight.ravel(), (rows, near.ravel())), shape=(len(codes), len(codes)))
    return directed + directed.T - directed * directed.T


def curve(minimum_distance: float) -> tuple[float, float]:
    """a and b of 1 / (1 + a x^2b), fitted to a step that falls off beyond ``minimum_distance``."""
    from scipy.optimize import curve_fit

    x = np.linspace(0, 3, 300)
    wanted = np.where(x < minimum_distance, 1.0, np.exp(minimum_distance - x))
    (a, b), _ = curve_fit(lambda x, a, b: 1 / (1 + a * x ** (2 * b)), x, wanted)
    return float(a), float(b)


Edges = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]


def _edges(graph: "csr_array") -> Edges:
    """From where (e,), to where (e,), weights (e,); and the sum of each point's weights (n, 1)."""
    edges = graph.tocoo()
    rows, columns = edges.coords
    weights = edges.data.astype(np.float32)
    return rows, columns, weights, np.bincount(rows, weights, graph.shape[0])[:, None].astype(np.float32)


def _slope(
    y: Points, rows: NDArray[np.int32], columns: NDArray[np.int32], weights: NDArray[np.float32],
    degrees: NDArray[np.float32], some: NDArray[np.int64], a: float, b: float,
) -> Points:  # fmt: skip
    """The expected gradient (n, c) of UMAP's loss; the points ``some`` (m,) stand for all that repel."""
    along = y[rows] - y[columns]  # (e, c)
    square = (along**2).sum(axis=1) + TINY
    power = square**b
    pull = (4 * a * b * weights * power / (square * (1 + a * power)))[:, None] * along
    attraction = np.stack([np.bincount(rows, each, len(y)) for each in pull.T], axis=1)
    away = y[:, None] - y[some]  # (n, m, c)
    square = (away**2).sum(axis=2)
    push = 2 * b / ((1e-3 + square) * (1 + a * (square + TINY) ** b))
    repulsion = np.einsum("nm,nmc->nc", push, away) * degrees * (NEGATIVES / len(some))
    return (attraction - repulsion).astype(np.float32)
