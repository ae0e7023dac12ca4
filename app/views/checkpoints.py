"""Checkpoints: what each one is, what it is called, one of somebody else's opened, one removed."""

import math
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import streamlit as st

from app import cached
from app.cached import CheckpointFile
from app.components.strips import Strip, strips
from app.latent_map.metrics import ROWS
from app.runs.naming import about_form, show_about, what_differs
from app.session import selection
from app.widgets.checkpoint_picker import choose_checkpoint
from app.widgets.feedback import attempt, show_error, show_problem
from app.widgets.text import plain
from glico.errors import GlicoError
from glico.files import read_bytes
from glico.runs import library
from glico.runs.naming import dataset_name, spelt
from glico.web.latent_map.content import Side

GO = (("Show on the map", "latent_map"), ("Interpolate", "interpolate"), ("Classify", "classify"))
LOSSES = {"laplacian": "Laplacian pyramid", "perceptual": "perceptual"}
SHOWN = 12  # images


def opening() -> None:
    """A checkpoint of somebody else's, by upload or by path."""
    with st.popover("Open a checkpoint", icon=":material/file_open:"):
        st.write("A .safetensors file that was trained here or elsewhere. It is data: opening it runs no code.")
        name = st.text_input("Name", key="open_name", placeholder="optional")
        file = st.file_uploader("File", ["safetensors"], key="open_file")
        path = st.text_input("or its path on this machine", key="open_path", placeholder="/home/me/birds.safetensors")
        if st.button("Open", type="primary", key="open_now", disabled=not (file or path.strip())):
            try:
                if file is not None:
                    with TemporaryDirectory() as folder:
                        copy = Path(folder) / (Path(file.name).name or "checkpoint.safetensors")
                        copy.write_bytes(file.getvalue())
                        kept = library.add(copy, name.strip() or copy.stem)
                else:
                    given = Path(path.strip()).expanduser()
                    kept = library.add(given, name.strip() or given.stem)
            except GlicoError as error:
                show_error(error)
                return
            selection.update(checkpoint=kept.name)
            st.rerun()


def card(file: CheckpointFile) -> dict[str, str]:
    """What a checkpoint is, in words: its data, how it was trained, and what is measured on it."""
    config, model = file.config, cached.checkpoint(file.path)
    height, width, channels = model.image_shape
    found, _ = cached.structure([Side(file.key, file.title, file.path)])
    facts = {
        "Data set": dataset_name(config.dataset),
        "Small sample": f"{len(model.labels)} images of {len(model.class_names)} classes, seed {config.seed}",
        "Images": f"{width} × {height} pixels, {'grey' if channels == 1 else 'colour'}, "
        + ("stored in the file" if model.images is not None else "not stored in the file"),
        "Objective": config.objective.upper()
        + (f", {spelt('gamma', config.gamma)}" if config.objective == "glico" else ""),
        "Training": f"{config.steps:,} steps, {LOSSES[config.reconstruction]} loss",
        "Codes": f"dimension {model.codes.shape[1]}",
    }
    for name, (words, form, _) in ROWS.items():
        if not math.isnan(found[0][name].value):
            facts[words] = f"{found[0][name].value:{form}}" + ("°" if form == ".1f" else "")
    if isinstance(loss := model.summary.get("reconstruction"), float):
        facts["Reconstruction loss"] = f"{loss:.4g}"
    return facts


def some_images(file: CheckpointFile) -> None:
    """A few training images spread over the classes, over their reconstructions."""
    training = cached.training(file.path)
    drawn, _ = cached.reconstructions(file.path)
    places = np.linspace(0, len(drawn) - 1, min(SHOWN, len(drawn))).astype(int)
    rows = [Strip("reconstructed", drawn[places])]
    if training.original:
        rows.insert(0, Strip("original", training.images[places]))
    strips(rows, f"card_{file.key}", tile=48)


def as_markdown(file: CheckpointFile, facts: dict[str, str]) -> str:
    """The card as a file to send along."""
    lines = [f"# {plain(file.title)}", "", plain(file.about.notes), "", "| | |", "| :-- | :-- |"]
    return "\n".join([*lines, *(f"| {name} | {plain(value)} |" for name, value in facts.items())]) + "\n"


def show(file: CheckpointFile) -> None:
    """The card, what it is called, and where to go with it."""
    facts = card(file)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_about(file.about)
        if words := cached.collapsed(file.path):
            st.warning(plain(words), icon=":material/warning:")
        some_images(file)
        st.table({name: plain(value) for name, value in facts.items()}, border="horizontal", width="content")
        with st.container(horizontal=True):
            for words, view in GO:
                if st.button(words, key=f"go_{view}"):
                    selection.update(checkpoint=file.key)
                    st.switch_page(str(Path(__file__).with_name(f"{view}.py")))
            st.download_button(
                "Checkpoint", partial(read_bytes, file.path, "checkpoint_mib"), f"{file.key}.safetensors",
                on_click="ignore", icon=":material/download:",
            )  # fmt: skip
            st.download_button(
                "Model card", as_markdown(file, facts), f"{file.key}.md", on_click="ignore", icon=":material/download:"
            )
        elsewhere(file)
    with right:
        if file.shipped:
            st.caption("This checkpoint is shipped with the program and keeps its name.")
            return
        about_form(file.path.parent, file.title, file.key)
        if st.button("Remove …", icon=":material/delete:", key="remove"):
            ask_to_remove(file)


def elsewhere(file: CheckpointFile) -> None:
    """What leaves for other programs; each is written when it is asked for."""

    def table() -> bytes:
        from glico.runs.projecting import laid_out
        from glico.web.viewers import parquet

        model = cached.checkpoint(file.path)
        return parquet(model, *laid_out(model))

    def folder() -> bytes:
        from glico.web.viewers import projector

        packed = BytesIO()
        with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for name, content in projector(cached.checkpoint(file.path), file.key).items():
                archive.writestr(name, content)
        return packed.getvalue()

    offered = (
        ("Generator (ONNX)", lambda: cached.checkpoint(file.path).onnx(), "onnx",
         "Codes (B, d) on the unit sphere, and noise if it takes any (zeros: the code alone), to images in 0 to 1."),
        ("Codes (Parquet)", table, "parquet",
         "Codes, images, UMAP, PCA and neighbours, for pandas or Embedding Atlas: embedding-atlas FILE --x umap_x "
         "--y umap_y --neighbors neighbors --image image. UMAP is computed first where it was not."),
        ("Projector (ZIP)", folder, "zip",
         "Unpack it, and tensorboard --logdir FOLDER shows codes and images in its projector."),
    )  # fmt: skip
    with st.container(horizontal=True):
        for words, write, suffix, tip in offered:
            st.download_button(
                words, write, f"{file.key}.{suffix}", on_click="ignore", icon=":material/download:", help=tip,
                key=f"export_{suffix}",
            )  # fmt: skip


@st.dialog("Remove this checkpoint?")
def ask_to_remove(file: CheckpointFile) -> None:
    """Asks first: what is removed is gone."""
    run = " and the run that wrote it" if (file.path.parent / "run.json").exists() else ""
    st.write(f"{plain(file.title)}{run} will be deleted permanently.")
    with st.container(horizontal=True):
        if st.button("Remove", type="primary", key="remove_for_good", on_click=remove, args=(file,)):
            st.rerun()
        if st.button("Keep", key="remove_keep"):
            st.rerun()


def remove(file: CheckpointFile) -> None:
    """Remove it, and show another."""
    attempt(lambda: library.remove(file.path.parent))
    selection.update(checkpoint=selection.DEFAULT.checkpoint)


def compare(file: CheckpointFile) -> None:
    """What another checkpoint does differently."""
    others = {other.key: other for other in cached.checkpoints() if other.key != file.key}
    chosen = st.selectbox(
        "Compared with", list(others), format_func=lambda key: others[key].title, index=None, key="compare_with",
        placeholder="another checkpoint",
    )  # fmt: skip
    if chosen:
        st.caption(plain(what_differs(others[chosen].config, file.config) or "Their configurations are identical."))


head = st.container(horizontal=True, vertical_alignment="bottom")
head.title("Checkpoints", anchor=False)
with head:
    opening()
st.write("Every checkpoint that was trained here, is shipped with the program, or was opened from a file.")
left, right = st.columns(2)
with left:
    chosen = choose_checkpoint("Checkpoint")
with right:
    compare(chosen)
try:
    show(chosen)
except GlicoError as error:
    show_error(error)
show_problem()
