"""The options of a projection."""

from typing import Literal

from glico.config.schema import Config, field


class ProjectConfig(Config):
    """The projection of codes to points in 2 or 3 dimensions."""

    method: Literal["umap", "tsne", "pca"] = field("umap", "projection method", group="Projection")
    components: Literal[2, 3] = field(2, "number of dimensions", group="Projection", unit="dimensions")
    neighbours: int | None = field(
        None,
        "UMAP: number of neighbours of a point, itself included; by default the size of a class, within 5 to 15",
        group="Projection",
        unit="points",
        ge=2,
        le=200,
    )
    minimum_distance: float = field(
        0.99,
        "UMAP: smallest distance between points; lower values pack them more tightly, and by default the points of a "
        "class do not cover each other",
        group="Projection",
        ge=0,
        le=0.99,
    )
    metric: Literal["cosine", "euclidean"] = field(
        "cosine", "UMAP: distance measure between codes", group="Projection", advanced=True
    )
    perplexity: float | None = field(
        None,
        "t-SNE: effective number of neighbours; by default the size of a class, within 5 to 15",
        group="Projection",
        ge=2,
        le=200,
    )
    seed: int = field(0, "seed of the projection", group="Projection", ge=0, le=2**31 - 1, advanced=True)
