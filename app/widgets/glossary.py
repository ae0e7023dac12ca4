"""The glossary: the only source of tooltips, of each page's glossary and of docs/glossary.md."""

from pathlib import Path

from glico.latent.structure import NEIGHBOURS

TERMS = {
    "small sample": "the few labelled images per class that the model learns from; it uses nothing else",
    "test split": "the images of a data set that only measure results: the data set's own, or a fixed share of each "
    "class",
    "holdout": "a share of the small sample, chosen by a seed, on which settings are compared; the test split stays "
    "untouched",
    "unseen images": "images of a data set that a checkpoint was not trained on; they show whether its latent space "
    "generalises",
    "skipped files": "files and lines of a data set that cannot be read; the page and the command line name them",
    "code": "the vector on the unit sphere that represents one training image; it is learned together with the "
    "generator",
    "latent space": "the unit sphere of the codes; the generator turns each of its points into an image",
    "generator": "the network that turns a code into an image",
    "GLO": "generative latent optimisation: codes and generator are learned by reconstruction alone (Eq. 2)",
    "GLICO": "GLO with a weak classifier on the generated images, which pulls the codes of a class together (section "
    "III-B)",
    "gamma": "γ, the weight of the weak classifier's loss relative to the reconstruction loss; 0 is GLO, and too "
    "large a value collapses the classes",
    "weak classifier": "a small classifier that is trained together with the generator, on the generated images",
    "checkpoint": "one file with the codes, the generator and the weak classifier of a training run; it contains "
    "data, no program code",
    "reconstruction": "the image that the generator makes from a training image's code",
    "detail": "the difference between a real image and its reconstruction; glico+detail adds it to the images "
    "generated between two, so that a path starts and ends at real images",
    "pixel error": "root mean square difference between an image and its reconstruction, in grey levels from 0 to 255",
    "explained share": "1 − (reconstruction error of an image / error of a uniform image of its mean colour)",
    "collapse": "the images of a class have become one image; purity is then still high and says nothing",
    "purity": f"share of a code's {NEIGHBOURS} nearest neighbours in the latent space that have its class: 1 is "
    "perfect grouping, and the share of the class among all codes is chance",
    "silhouette": "how much nearer a code is to its own class than to the nearest other class: 1 is separate, 0 is "
    "mixed",
    "trustworthiness": "share of the neighbourhoods in a projection that are neighbourhoods in the latent space too",
    "projection": "the codes as points in 2 or 3 dimensions, by UMAP, t-SNE or PCA; its distances are not those of "
    "the latent space",
    "slerp": "spherical interpolation: the shorter arc between two codes; every point on it is on the sphere (Eq. 3)",
    "lerp": "linear interpolation: the chord between two codes, which passes through the inside of the sphere",
    "morph": "a path in pixels: two images of the sample are registered, moved into each other and fused; it is not a "
    "walk in the latent space, and across classes it is a guess",
    "morph score": "how well two images are expected to morph, 0 to 1: how well the objects in them coincide when they "
    "are registered, less how far they must move",
    "double exposure": "two images shown over each other: global is 1 for their pixel mean and 0 for a copy of one or "
    "for an object that moved; local measures it patch by patch, wherever the patches have moved",
    "t": "the position on a path: 0 at the first image, 1 at the second",
    "noise": "the random vector e that is the generator's second input; e = 0 gives the image of the code alone",
    "augmentation": "making more training images from the existing ones by flips and crops, by mixing, or by "
    "generating images between two codes of a class",
    "standard error": "the uncertainty of a mean over seeds: the standard deviation divided by the square root of "
    "their number",
    "paired difference": "the difference between two methods with the same seed, so that effects of the seed on both "
    "cancel out",
    "calibration": "agreement between a classifier's confidence and its accuracy",
}
FILE = Path(__file__).parents[2] / "docs" / "glossary.md"


def tip(*names: str) -> str:
    """Return the meaning of these terms, for a tooltip."""
    return "  \n".join(f"**{name}**: {TERMS[name]}." for name in names)


def page() -> str:
    """Return the text of docs/glossary.md, which ``python -m app.widgets.glossary`` writes."""
    lines = [f"- **{name}**: {meaning}." for name, meaning in sorted(TERMS.items(), key=lambda term: term[0].lower())]
    return "\n".join(["# Glossary", "", "The terms of the pages, the command line and the papers.", "", *lines]) + "\n"


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
