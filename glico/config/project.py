"""How codes become points."""

from typing import Literal

from glico.config.schema import Config, field


class ProjectConfig(Config):
    """How codes become points on a page."""

    method: Literal["umap", "tsne", "pca"] = field("umap", "projection method", group="Projection")
    components: Literal[2, 3] = field(2, "dimensions of the picture", group="Projection", unit="dimensions")
    neighbours: int | None = field(
        None, "UMAP: points that a point keeps close, itself included; by default as many as a class has, 5 to 15",
        group="Projection", unit="points", ge=2, le=200,
    )  # fmt: skip
    minimum_distance: float = field(0.1, "UMAP: how tightly points may be packed", group="Projection", ge=0, le=0.99)
    metric: Literal["cosine", "euclidean"] = field(
        "cosine", "UMAP: distance between codes", group="Projection", advanced=True
    )
    perplexity: float | None = field(
        None, "t-SNE: effective number of neighbours; by default as many as a class has, 5 to 15",
        group="Projection", ge=2, le=200,
    )  # fmt: skip
    seed: int = field(0, "seed of the projection", group="Projection", ge=0, le=2**31 - 1, advanced=True)
