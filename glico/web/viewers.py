"""Files for other viewers: a table for Embedding Atlas, a folder for TensorBoard's projector."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glico.checkpoints.opened import OpenCheckpoint
from glico.data.dataset import class_name
from glico.data.text import plain_text
from glico.latent.distances import pixel_distance
from glico.latent.measured import compared_with
from glico.pictures import to_pil
from glico.pixels import to_array, to_uint8
from glico.types import Images, Layout
from glico.web.sprite import tiled

AXES = "xyz"
PROJECTED = 64  # pixels: a tile of the projector's sheet, at most


def parquet(checkpoint: OpenCheckpoint, layouts: Mapping[str, Layout], near: NDArray[np.int32]) -> bytes:
    """Return a Parquet file with a row for every code.

    ``layouts`` are projections (n, c) by name, columns such as "umap_x". ``near`` (n, k) are the rows of each code's
    nearest codes, nearest first: the column "neighbors" holds them as Embedding Atlas reads them, rows as ids, with
    their cosine distances. Images are PNG in {bytes, path}, as Hugging Face's data sets have them: "image" is the
    original if the checkpoint has it, and then there are a "reconstruction" and its "error" in grey levels too.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    space, training = checkpoint.space, compared_with(checkpoint)
    codes, labels = space.codes, space.labels
    cosine = np.einsum("nd,nkd->nk", codes, codes[near])
    columns: dict[str, Any] = {
        "row": np.arange(len(codes)),
        "index": space.indices,
        "class": [class_name(label, space.class_names) for label in labels.tolist()],
        "image": _pictures(training.images),
    }
    if training.original:
        generated = checkpoint.decode(codes)
        columns["reconstruction"] = _pictures(to_uint8(generated))
        columns["error"] = pixel_distance(generated, to_array(training.images))
    for name, layout in layouts.items():
        columns |= {f"{name}_{axis}": values for axis, values in zip(AXES, layout.T, strict=False)}
    columns["neighbors"] = pa.StructArray.from_arrays(
        [_lists(near.astype(np.int64)), _lists((1 - cosine).clip(0).astype(np.float64))], ["ids", "distances"]
    )
    columns["code"] = _lists(codes)
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def projector(checkpoint: OpenCheckpoint, name: str) -> dict[str, bytes]:
    """Return the files of a folder that ``tensorboard --logdir FOLDER`` opens in its projector, by name."""
    space, training = checkpoint.space, compared_with(checkpoint)
    sheet, _, (height, width) = tiled(training.images, PROJECTED)
    image = io.BytesIO()
    to_pil(sheet).convert("RGB").save(image, "png")
    lines = [
        f"{plain_text(class_name(label, space.class_names))}\t{row}\t{index}"
        for row, (label, index) in enumerate(zip(space.labels.tolist(), space.indices.tolist(), strict=True))
    ]
    tensors = ("\t".join(f"{value:.6g}" for value in code) for code in space.codes.tolist())
    config = (
        f'embeddings {{\n  tensor_name: "{_quoted(plain_text(name))}"\n  tensor_path: "tensors.tsv"\n'
        f'  metadata_path: "metadata.tsv"\n  sprite {{\n    image_path: "sprite.png"\n'
        f"    single_image_dim: {width}\n    single_image_dim: {height}\n  }}\n}}\n"
    )
    return {
        "tensors.tsv": ("\n".join(tensors) + "\n").encode(),
        "metadata.tsv": ("\n".join(["class\trow\tindex", *lines]) + "\n").encode(),
        "sprite.png": image.getvalue(),
        "projector_config.pbtxt": config.encode(),
    }


def _pictures(images: Images) -> Any:
    """(n, H, W, C) uint8 as PNGs in {bytes, path}."""
    import pyarrow as pa

    encoded = []
    for image in images:
        buffer = io.BytesIO()
        to_pil(image).save(buffer, "png")
        encoded.append(buffer.getvalue())
    return pa.StructArray.from_arrays(
        [pa.array(encoded, pa.binary()), pa.nulls(len(images), pa.string())], ["bytes", "path"]
    )


def _lists(values: NDArray[Any]) -> Any:
    """(n, k) as n lists."""
    import pyarrow as pa

    offsets = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(offsets, pa.array(values.reshape(-1)))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
