"""A checkpoint's card: images, settings, metrics, exports, the pages to open with it, and its removal."""

import math
from collections.abc import Callable
from functools import partial
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import streamlit as st

from app import cached
from app.cached import CheckpointFile
from app.components.strips import Strip, strips
from app.latent_map.metrics import ROWS
from app.runs.naming import about_form, show_about
from app.session import selection
from app.widgets.checkpoint_links import checkpoint_links
from app.widgets.dialogs import confirm
from app.widgets.feedback import attempt
from app.widgets.text import plain
from glico.rows import evenly_spaced
from glico.runs import library
from glico.runs.naming import dataset_name, spelt
from glico.web.latent_map.scene import Side

LOSSES = {"laplacian": "Laplacian pyramid", "perceptual": "perceptual"}
IMAGES_SHOWN = 12
LOADING = """```python
import glico

model = glico.load("{file}")
images, labels = model.sample(per_class=2, seed=0)
```
"""


def show(file: CheckpointFile) -> None:
    """Show the card. Raises GlicoError."""
    rows = facts(file)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_about(file.about)
        if warning := cached.collapse_warning(file.path):
            st.warning(plain(warning), icon=":material/warning:")
        show_images(file, "card")
        st.table({name: plain(value) for name, value in rows.items()}, border="horizontal", width="content")
        with st.container(horizontal=True):
            checkpoint_links(file.key, file.path)
            st.download_button(
                "Model card", as_markdown(file, rows), f"{file.key}.md", on_click="ignore", icon=":material/download:"
            )
        _exports(file)
    with right:
        _owners_part(file)


def facts(file: CheckpointFile) -> dict[str, str]:
    """Return the facts on the card: the data, the training, and the metrics."""
    config, model = file.config, cached.latent_space(file.path)
    height, width, channels = model.image_shape
    return {
        "Data set": dataset_name(config.dataset),
        "Small sample": f"{len(model.labels)} images of {len(model.class_names)} classes, seed {config.seed}",
        "Images": f"{width} × {height} pixels, {'grey' if channels == 1 else 'colour'}, "
        + ("stored in the file" if model.images is not None else "not stored in the file"),
        "Objective": config.objective.upper()
        + (f", {spelt('gamma', config.gamma)}" if config.objective == "glico" else ""),
        "Training": f"{config.steps:,} steps, {LOSSES[config.reconstruction]} loss",
        "Codes": f"dimension {model.codes.shape[1]}",
    } | metrics(file)


def metrics(file: CheckpointFile) -> dict[str, str]:
    """Return how well the codes are grouped and the images reconstructed, as far as that is known. Raises
    GlicoError."""
    (measured,), _ = cached.structure((Side(file.key, file.title, file.path),))
    rows = {
        words: f"{measured[name].value:{form}}" + ("°" if form == ".1f" else "")
        for name, (words, form, _) in ROWS.items()
        if not math.isnan(measured[name].value)
    }
    if isinstance(loss := cached.latent_space(file.path).summary.get("reconstruction"), float):
        rows["Reconstruction loss"] = f"{loss:.4g}"
    return rows


def as_markdown(file: CheckpointFile, rows: dict[str, str]) -> str:
    """Return the card as Markdown, with the lines that load the file."""
    lines = [f"# {plain(file.title)}", "", plain(file.about.notes), "", "| | |", "| :-- | :-- |"]
    lines += [f"| {name} | {plain(value)} |" for name, value in rows.items()]
    lines += ["", "## Use", "", LOADING.format(file=f"{file.key}.safetensors")]
    return "\n".join(lines)


def show_images(file: CheckpointFile, key: str) -> None:
    """Show a few training images of all classes above their reconstructions; ``key`` is unique on the page."""
    training = cached.training(file.path)
    generated, _ = cached.reconstructions(file.path)
    places = evenly_spaced(len(generated), IMAGES_SHOWN)
    rows = [Strip("reconstructed", generated[places])]
    if training.original:
        rows.insert(0, Strip("original", training.images[places]))
    strips(rows, f"{key}_{file.key}", tile=48)


def _exports(file: CheckpointFile) -> None:
    """Show the exports for other programs; each is written when it is downloaded."""
    formats: tuple[tuple[str, Callable[[], bytes], str, str], ...] = (
        (
            "Everything (HTML)",
            partial(_page, file),
            "html",
            "Map, directions and the generator in one page that needs no network: 6 MB or more. UMAP is computed first "
            "if necessary.",
        ),
        (
            "Generator (ONNX)",
            lambda: cached.opened(file.path).graph,
            "onnx",
            "Codes (B, d) on the unit sphere, and noise if it takes any (zeros: the code alone), to images in 0 to 1.",
        ),
        (
            "Codes (Parquet)",
            partial(_parquet, file),
            "parquet",
            "Codes, images, UMAP, PCA and neighbours, for pandas or Embedding Atlas: embedding-atlas FILE --x umap_x "
            "--y umap_y --neighbors neighbors --image image. UMAP is computed first if necessary.",
        ),
        (
            "Projector (ZIP)",
            partial(_projector, file),
            "zip",
            "Unpack it, and tensorboard --logdir FOLDER shows codes and images in its projector.",
        ),
    )
    with st.container(horizontal=True):
        for words, write, suffix, tip in formats:
            st.download_button(
                words,
                write,
                f"{file.key}.{suffix}",
                on_click="ignore",
                icon=":material/download:",
                help=tip,
                key=f"export_{suffix}",
            )


def _page(file: CheckpointFile) -> bytes:
    from glico.runs.explorer_file import explorer_file

    return explorer_file(cached.opened(file.path), file.title)


def _parquet(file: CheckpointFile) -> bytes:
    from glico.runs.projecting import laid_out
    from glico.web.viewers import parquet

    model = cached.opened(file.path)
    return parquet(model, *laid_out(model.space))


def _projector(file: CheckpointFile) -> bytes:
    from glico.web.viewers import projector

    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in projector(cached.opened(file.path), file.key).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _owners_part(file: CheckpointFile) -> None:
    """Show the form for name, notes and tags, and the button that removes the checkpoint."""
    if file.shipped:
        st.caption("This checkpoint is shipped with the program and keeps its name.")
        return
    about_form(file.path.parent, file.title, file.key)
    if st.button("Remove …", icon=":material/delete:", key="remove"):
        run = " and the run that wrote it" if (file.path.parent / "run.json").exists() else ""
        sentence = f"{file.title}{run} will be deleted permanently."
        confirm("Remove this checkpoint?", sentence, "Remove", partial(_remove, file))


def _remove(file: CheckpointFile) -> None:
    """Remove the checkpoint, and select the default one."""
    attempt(lambda: library.remove(file.path.parent))
    selection.update(checkpoint=selection.DEFAULT.checkpoint)
