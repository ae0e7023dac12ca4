"""How codes become points."""

from typing import Literal

from glico.config.schema import Config, field


class ProjectConfig(Config):
    """How codes become points on a page."""

    method: Literal["umap", "tsne", "pca"] = field("umap", "projection method", group="Projection")
    components: Literal[2, 3] = field(2, "dimensions of the picture", group="Projection", unit="dimensions")
    neighbours: int = field(
        15, "UMAP: neighbours that a point keeps close", group="Projection", unit="points", ge=2, le=200
    )
    minimum_distance: float = field(0.1, "UMAP: how tightly points may be packed", group="Projection", ge=0, le=0.99)
    metric: Literal["cosine", "euclidean"] = field(
        "cosine", "UMAP: distance between codes", group="Projection", advanced=True
    )
    perplexity: float = field(15.0, "t-SNE: effective number of neighbours", group="Projection", ge=2, le=200)
    seed: int = field(0, "seed of the projection", group="Projection", ge=0, le=2**31 - 1, advanced=True)
