"""The kinds of run as commands and pages show them: one entry for each entry of glico.runs.kinds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Presentation:
    """The words and measures of a kind of run.

    ``summary`` describes its command, ``title`` names it on pages. ``method`` is the setting whose value names a run's
    method; a kind without that setting has this word as its method. ``measure`` is the value of its result that the
    list of runs shows, ``curves`` are the metrics that are drawn.
    """

    summary: str
    title: str
    method: str
    measure: str
    curves: tuple[str, ...] = ()


PRESENTATIONS = {
    "train": Presentation(
        summary="learn codes and a generator from a small sample (Algorithm 1)",
        title="GLO and GLICO",
        method="objective",
        measure="reconstruction",
        curves=("reconstruction", "cross_entropy", "cosine", "accuracy", "loss", "images_per_second"),
    ),
    "classify": Presentation(  # its accuracies are compared by method; no curve is drawn
        summary="train classifiers on a checkpoint's small sample, over methods and seeds",
        title="classifiers",
        method="augmentation",
        measure="accuracy",
    ),
    "dcgan": Presentation(
        summary="train a conditional DCGAN on a small sample, to compare with (Fig. 1)",
        title="DCGAN",
        method="dcgan",
        measure="generator_loss",
        curves=("generator_loss", "discriminator_loss", "images_per_second"),
    ),
}
