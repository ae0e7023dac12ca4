"""What the words on the pages mean: the one source of tooltips, of each page's glossary and of docs/glossary.md."""

from pathlib import Path

from glico.latent.structure import NEIGHBOURS

TERMS = {
    "small sample": "the few labelled images per class that are learned from; nothing else is used",
    "code": "the vector on the unit sphere that stands for one training image; it is learned together with the "
    "generator",
    "latent space": "the sphere on which the codes lie; images are generated from its points",
    "generator": "the network that turns a code into an image",
    "GLO": "generative latent optimisation: codes and generator are learned by reconstruction alone (Eq. 2)",
    "GLICO": "GLO with a weak classifier on the generated images, which pulls the codes of a class together "
    "(section III-B)",
    "gamma": "γ, the weight of the weak classifier's loss beside the reconstruction loss; 0 is GLO, too much merges "
    "the images of a class",
    "weak classifier": "a small classifier that is trained along with the generator and judges the generated images",
    "checkpoint": "one file with the codes, the generator and the weak classifier of a training: data, no code",
    "reconstruction": "what the generator makes of a training image's code",
    "detail": "what a reconstruction lacks of the true image; glico+detail gives it back to what is generated "
    "between two, so that a path begins at the true image",
    "pixel error": "root mean square difference of an image and its reconstruction, in grey levels of 255",
    "explained": "of an image by the generator: 1 less its reconstruction error over that of a plain image of its mean "
    "colour",
    "collapse": "the images of a class have merged into one: their codes still group well, which then says nothing",
    "purity": f"share of a code's {NEIGHBOURS} nearest neighbours, in the original space, that have its class: 1 is "
    "fully grouped, the share of the class is chance",
    "silhouette": "how much nearer a code is to its own class than to the nearest other one: 1 apart, 0 mixed",
    "trustworthiness": "share of the neighbourhoods in a projection that are neighbourhoods in the original space",
    "projection": "a plot of the codes in 2 or 3 dimensions by UMAP, t-SNE or PCA; distances in it are not those of "
    "the latent space",
    "slerp": "spherical interpolation: the shorter arc between two codes, so that every point on the way is on the "
    "sphere (Eq. 3)",
    "lerp": "linear interpolation: the chord between two codes, which leaves the sphere",
    "t": "the position on a path: 0 at the first image, 1 at the second",
    "noise": "the random vector e that the generator takes beside the code; at e = 0 the picture is that of the code "
    "alone",
    "augmentation": "making more training images from the existing ones: by flips and crops, by mixing, or by "
    "generating between two codes of a class",
    "standard error": "the uncertainty of a mean over seeds: the standard deviation divided by the square root of "
    "their number",
    "paired difference": "the difference of two methods with the same seed, so that what a seed changes in both "
    "cancels",
    "calibration": "whether a classifier is right as often as it says it is",
}
FILE = Path(__file__).parents[2] / "docs" / "glossary.md"


def tip(*names: str) -> str:
    """The meaning of these terms, for a tooltip."""
    return "  \n".join(f"**{name}**: {TERMS[name]}." for name in names)


def page() -> str:
    """All terms, as docs/glossary.md holds them; written by ``python -m app.widgets.glossary``."""
    lines = [f"- **{name}**: {meaning}." for name, meaning in sorted(TERMS.items(), key=lambda term: term[0].lower())]
    return "\n".join(["# Glossary", "", "The words of the pages, the command line and the papers.", "", *lines]) + "\n"


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
