"""Laws of what leaves for other programs: each file is opened by the program that it is for, and says what is here."""

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from onnxruntime import InferenceSession
from PIL import Image
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.projector.projector_plugin import ProjectorPlugin
from tiny_checkpoints import give_fields
from werkzeug.test import Client

from glico.checkpoints.checkpoint import Checkpoint
from glico.cli.main import main
from glico.config import ProjectConfig, TrainConfig
from glico.latent.neighbours import nearest_others
from glico.latent.projection import project, suited
from glico.latent.projection_cache import Projection, directory, key, save
from glico.models.generators import build_generator, draw_noise
from glico.pixels import to_uint8
from glico.web.viewers import parquet, projector


@pytest.fixture(scope="module")
def checkpoint(tiny_runs: Path) -> Checkpoint:
    return Checkpoint.load(tiny_runs / "tiny-glico" / "checkpoint.safetensors")


@pytest.mark.parametrize("noise", ["concatenate", "project", "add", "none"])
@pytest.mark.parametrize(
    ("generator", "resolution", "channels"),
    [("dcgan", 16, 1), ("dcgan", 64, 3), ("reference", 32, 3), ("moving", 16, 1), ("moving", 64, 3)],
)
def test_onnx_generator_equals_pytorch(
    checkpoint: Checkpoint, noise: Any, generator: Any, resolution: int, channels: int
) -> None:
    """The exported graph, built without PyTorch, draws PyTorch's images to 1e-5, whatever the generator's kind."""
    config = TrainConfig(generator=generator, noise=noise, generator_width=4, noise_std=0.3)
    network = build_generator(config, channels, resolution)
    network(
        torch.randn(8, config.dimension), draw_noise(config, 8, torch.Generator().manual_seed(0))
    )  # moves the means
    give_fields(network)
    codes = torch.nn.functional.normalize(torch.randn(7, config.dimension), dim=1)
    names, labels, indices = checkpoint.class_names, checkpoint.labels[:7], checkpoint.indices[:7]
    shape = (resolution, resolution, channels)
    checkpoint = Checkpoint(config, names, shape, codes, labels, indices, network.eval().state_dict())
    elsewhere = InferenceSession(checkpoint.onnx(), providers=["CPUExecutionProvider"])
    for count in (1, 7):
        e = draw_noise(config, count, torch.Generator().manual_seed(1))
        feeds = {"codes": codes[:count].numpy()} | ({} if e is None else {"noise": e.numpy()})
        (drawn,) = elsewhere.run(["images"], feeds)
        np.testing.assert_allclose(drawn, checkpoint.decoder()(codes[:count], e).numpy(), atol=1e-5)
    about = elsewhere.get_modelmeta().custom_metadata_map
    assert tuple(json.loads(about["class_names"])) == names
    assert TrainConfig.model_validate_json(about["config"]) == config


def test_a_table_holds_codes_projections_images_and_neighbours(checkpoint: Checkpoint) -> None:
    codes = checkpoint.codes.numpy()
    near = nearest_others(codes, 4)
    layout = np.random.RandomState(0).normal(size=(len(codes), 2)).astype(np.float32)
    table = pq.read_table(io.BytesIO(parquet(checkpoint.opened, {"umap": layout}, near)))
    rows = table.to_pylist()
    assert len(rows) == len(codes)
    for row, values in enumerate(rows):
        assert values["row"] == row
        assert values["class"] == checkpoint.class_names[int(checkpoint.labels[row])]
        np.testing.assert_array_equal(np.float32(values["code"]), codes[row])
        assert (np.float32(values["umap_x"]), np.float32(values["umap_y"])) == tuple(layout[row])
        assert values["neighbors"]["ids"] == near[row].tolist()
        np.testing.assert_allclose(values["neighbors"]["distances"], 1 - codes[near[row]] @ codes[row], atol=1e-6)
        assert values["neighbors"]["distances"] == sorted(values["neighbors"]["distances"])
        with Image.open(io.BytesIO(values["image"]["bytes"])) as image:
            np.testing.assert_array_equal(np.asarray(image), checkpoint.images[row, ..., 0].numpy())
    drawn = to_uint8(checkpoint.decoder()(checkpoint.codes[:1]))[0, ..., 0]
    with Image.open(io.BytesIO(rows[0]["reconstruction"]["bytes"])) as image:
        np.testing.assert_allclose(np.asarray(image).astype(int), drawn, atol=1)


@pytest.mark.slow
def test_embedding_atlas_opens_the_table(tmp_path: Path, checkpoint: Checkpoint) -> None:
    pytest.importorskip("embedding_atlas", reason="pip install .[viewers]")
    codes, table = checkpoint.codes.numpy(), tmp_path / "codes.parquet"
    layout = np.random.RandomState(0).normal(size=(len(codes), 2)).astype(np.float32)
    table.write_bytes(parquet(checkpoint.opened, {"umap": layout}, nearest_others(codes, 10)))
    columns = ["--x", "umap_x", "--y", "umap_y", "--neighbors", "neighbors", "--image", "image"]
    command = [sys.executable, "-m", "embedding_atlas.cli", str(table), *columns]
    done = subprocess.run(
        [*command, "--export-application", str(tmp_path / "app.zip")], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "app.zip") as application:
        names = application.namelist()
        assert "index.html" in names
        (data,) = [name for name in names if name.endswith(".parquet")]
        exported = pq.read_table(io.BytesIO(application.read(data))).to_pylist()
    assert [row["class"] for row in exported] == [checkpoint.class_names[label] for label in checkpoint.labels]
    np.testing.assert_allclose([[row["umap_x"], row["umap_y"]] for row in exported], layout, rtol=1e-6)


def test_tensorboard_opens_the_folder(tiny_runs: Path, tmp_path: Path, checkpoint: Checkpoint) -> None:
    source, folder = tiny_runs / "tiny-glico" / "checkpoint.safetensors", tmp_path / "projector"
    assert main(["export", str(source), "--output", str(folder)]) == 0
    plugin = ProjectorPlugin(TBContext(logdir=str(folder), multiplexer=EventMultiplexer({".": str(folder)})))
    pages = plugin.get_plugin_apps()

    def request(page: str, **query: str) -> bytes:
        return Client(pages[page]).get("/", query_string=query).data

    assert json.loads(request("/runs")) == ["."]
    (info,) = json.loads(request("/info", run="."))["embeddings"]
    name = {"run": ".", "name": info["tensorName"]}
    tensors = np.frombuffer(request("/tensor", **name), np.float32).reshape(len(checkpoint.codes), -1)
    np.testing.assert_allclose(tensors, checkpoint.codes.numpy(), rtol=1e-5, atol=1e-6)
    head, *lines = request("/metadata", **name).decode().splitlines()
    assert head.split("\t") == ["class", "row", "index"]
    assert [line.split("\t")[0] for line in lines] == [
        checkpoint.class_names[label] for label in checkpoint.labels.tolist()
    ]
    with Image.open(io.BytesIO(request("/sprite_image", **name))) as sheet:
        tile = info["sprite"]["singleImageDim"]
        columns = sheet.width // tile[0]
        y, x = divmod(7, columns)
        seen = np.asarray(sheet.convert("L"))[y * tile[1] : (y + 1) * tile[1], x * tile[0] : (x + 1) * tile[0]]
        np.testing.assert_array_equal(seen, checkpoint.images[7, ..., 0].numpy())


def test_odd_names_do_not_break_the_folder(checkpoint: Checkpoint) -> None:
    odd = ('a\t"b"', "c\nd", *checkpoint.class_names[2:])
    files = projector(replace(checkpoint, class_names=odd).opened, 'a"b\\c')
    lines = files["metadata.tsv"].decode().splitlines()
    assert len(lines) == 1 + len(checkpoint.codes)
    assert {line.count("\t") for line in lines} == {2}


def test_what_a_checkpoint_cannot_become_is_said(tiny_runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tiny_runs / "tiny-glico" / "checkpoint.safetensors"
    assert main(["export", str(source), "--output", "x.pt"]) == 2
    assert "of a checkpoint its name must end in .html, .onnx, .parquet or no suffix" in capsys.readouterr().err


def test_the_command_takes_the_projection_that_the_map_keeps(tiny_runs: Path, tmp_path: Path) -> None:
    source = tiny_runs / "tiny-glico" / "checkpoint.safetensors"
    model = Checkpoint.load(source)
    codes = [model.codes.numpy()]
    config = suited(ProjectConfig(), model.labels.numpy())
    layout = np.random.RandomState(0).normal(size=(len(codes[0]), 2)).astype(np.float32)
    kept = Projection((layout,), (nearest_others(codes[0], 10),), (1.0,))
    save(key(codes, config), kept, directory())
    assert main(["export", str(source), "--output", str(tmp_path / "codes.parquet")]) == 0
    table = pq.read_table(tmp_path / "codes.parquet")
    np.testing.assert_array_equal(np.stack([table["umap_x"], table["umap_y"]], axis=1), layout)
    (pca,) = project(codes, ProjectConfig(method="pca"))
    np.testing.assert_allclose(np.stack([table["pca_x"], table["pca_y"]], axis=1), pca, atol=1e-5)
