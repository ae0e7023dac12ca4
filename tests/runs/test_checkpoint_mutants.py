"""A checkpoint from a stranger: whatever was done to the file, there is a result or one sentence, within limits.

200 mutants; with GLICO_MUTANTS=2000 in the environment, as every night, so many.
"""

import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.latent_space import LatentSpace
from glico.checkpoints.schema import read_header
from glico.errors import GlicoError
from glico.places import SHIPPED

COUNT = int(os.environ.get("GLICO_MUTANTS", "200"))
PATHS = [SHIPPED / f"digits-{objective}.safetensors" for objective in ("glico", "glo")]
SECONDS = 5  # of processor time, for one file

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**30) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("class_names", "image_shape", "config", "summary", "format", "format_version")
NASTY = {
    "class_names": [
        "[null]", "null", "[]", json.dumps(["x" * 10_000_000] * 10), json.dumps(["a"] * 10),
        json.dumps(["\u202e\x1b[2J"] * 10),
        json.dumps(list(range(10))), "[" * 100_000 + "]" * 100_000, json.dumps([f"c{i}" for i in range(300_000)]),
    ],
    "image_shape": ["[16, 16]", "[16, 16, 1, 1]", "[1e300, 1e300, 3]", "[16.0, 16.0, 1.0]", "[-16, -16, 1]", "null",
                    "[1000000, 1000000, 3]", "[64, 64, 1]", "16", '["16", "16", "1"]', "[true, true, 1]"],
    "format_version": ["99", "-1", "1e3", "\u0661", "9" * 5000, ""],
    "summary": ["[]", "NaN", "{", '{"a": NaN}', "[" * 5000, '{"a":' * 2000 + "1" + "}" * 2000],
    "config": ["{}", '{"dimension": 2}', '{"surprise": 1}', "null", "[[[[" * 5000],
    "format": ["other", "glico-dcgan", ""],
}  # fmt: skip
CONFIGS = [
    {"weak_classifier": "wideresnet-1000000-1"}, {"weak_classifier": "wideresnet-10-1000000000000"},
    {"weak_classifier": "resnet110"}, {"generator_width": 256}, {"dimension": 4096}, {"noise_dimension": 1024},
    {"objective": "glo"}, {"classifier_input": "code"}, {"noise": "none"}, {"noise": "add"}, {"generator": "reference"},
    {"steps": "many"}, {"dataset": "\x00" * 50}, {"dimension": 10**30},
]  # fmt: skip
DTYPES = [
    torch.int64,
    torch.int32,
    torch.float16,
    torch.bfloat16,
    torch.float64,
    torch.complex64,
    torch.bool,
    torch.uint8,
]


def tensors_and_header(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    return load_file(path), read_header(path)[0]


ORIGINALS = [tensors_and_header(path) for path in PATHS]
CONTENTS = [path.read_bytes() for path in PATHS]


@st.composite
def damaged_bytes(draw: Callable[..., Any], source: int) -> bytes:
    """Cut off, bits turned, or the header's length changed."""
    content = bytearray(CONTENTS[source])
    header = struct.unpack("<Q", content[:8])[0]
    for _ in range(draw(st.integers(0, 4))):
        top = 8 + header if draw(st.booleans()) else len(content)
        content[draw(st.integers(0, top - 1))] ^= 1 << draw(st.integers(0, 7))
    if draw(st.integers(0, 4)) == 0:
        content[:8] = struct.pack("<Q", draw(st.sampled_from((0, 1, 2**20, 2**63, 2**64 - 1, header - 1, header + 1))))
    return bytes(content[: draw(st.sampled_from((len(content), len(content), header, header + 9, 8, 7, 0)))])


@st.composite
def changed_header(draw: Callable[..., Any], source: int) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    tensors, header = ORIGINALS[source]
    field = draw(st.sampled_from(FIELDS))
    match draw(st.sampled_from(("missing", "nasty", "any", "config", "config"))):
        case "missing":
            return tensors, {name: value for name, value in header.items() if name != field}
        case "nasty":
            return tensors, header | {field: draw(st.sampled_from(NASTY[field]))}
        case "any":
            return tensors, header | {field: json.dumps(draw(JSON_VALUES))}
    config = json.loads(header["config"]) | draw(st.sampled_from(CONFIGS))
    return tensors, header | {"config": json.dumps(config)}


@st.composite
def changed_tensors(draw: Callable[..., Any], source: int) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    tensors, header = dict(ORIGINALS[source][0]), ORIGINALS[source][1]
    name = draw(
        st.sampled_from(("codes", "labels", "indices", "digests", "images", "snapshots", "snapshot_steps"))
        | st.sampled_from(sorted(tensors))
    )
    if name not in tensors:
        return tensors, header
    own = tensors[name]
    n = len(tensors["codes"])
    match draw(st.integers(0, 11)):
        case 0:
            del tensors[name]
        case 1:
            tensors[name] = own.to(draw(st.sampled_from(DTYPES)))
        case 2:
            tensors[name] = torch.zeros((), dtype=own.dtype)
        case 3:
            tensors[name] = own[: draw(st.integers(0, max(0, len(own) - 1)))].clone() if own.ndim else own
        case 4:
            tensors[name] = own.flatten().clone()
        case 5:
            tensors[name] = own.clone()
            if own.is_floating_point():
                tensors[name].view(-1)[0] = draw(st.sampled_from((float("nan"), float("inf"), 1e30)))
        case 6:
            tensors["codes"] = tensors["codes"] * draw(st.sampled_from((0.0, 2.0, 1.5, -1.0)))
        case 7:
            tensors["labels"] = torch.full((n,), draw(st.sampled_from((-1, -2, 10, 0, 2**62))))
        case 8:
            tensors |= {
                key: tensors[key][:1].clone()
                for key in ("codes", "labels", "indices", "digests", "images")
                if key in tensors
            }
        case 9:
            tensors |= {f"x.{i}": torch.zeros(1) for i in range(draw(st.sampled_from((1, 30_000))))}
        case 10:
            tensors[draw(st.text(min_size=1, max_size=20))] = own.clone()
        case 11:
            half = n // 2
            tensors |= {
                key: tensors[key][:half].clone()
                for key in ("codes", "labels", "indices", "digests", "images")
                if key in tensors
            }
            tensors.pop("snapshots", None), tensors.pop("snapshot_steps", None)
    return tensors, header


def use(path: Path) -> None:
    """Use a checkpoint as a person does: describe it, interpolate, write the offline page, project its codes."""
    from glico.cli.main import main
    from glico.runs.projecting import preview

    checkpoint = Checkpoint.load(path)
    assert torch.isfinite(checkpoint.decoder()(checkpoint.codes[:2])).all()
    assert len(preview([checkpoint.codes.numpy()], 2).layouts[0]) == len(checkpoint.codes)
    out = path.with_suffix(".html")
    for command in (
        ["describe", str(path)],
        ["interpolate", str(path), "--from", "0", "--to", "1", "--frames", "3", "--output", str(out)],
    ):
        assert main(command) == 0, command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutants")


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=COUNT, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_mutant_is_used_or_refused_in_one_sentence(folder: Path, data: st.DataObject) -> None:
    source = data.draw(st.integers(0, len(PATHS) - 1))
    kind = data.draw(st.sampled_from((damaged_bytes, changed_header, changed_tensors)))
    made = data.draw(kind(source))
    path = folder / "mutant.safetensors"
    if isinstance(made, bytes):
        path.write_bytes(made)
    else:
        try:
            save_file({name: tensor.contiguous() for name, tensor in made[0].items()}, path, metadata=made[1])
        except Exception:  # the writer itself refuses: no such file can be
            return
    start = time.process_time()
    without_networks = None
    try:
        without_networks = LatentSpace.load(path)
        Checkpoint.load(path)
    except GlicoError as error:
        refused(str(error))
        if without_networks is None:
            with pytest.raises(GlicoError):
                Checkpoint.load(path)
        return
    finally:
        assert time.process_time() - start < 2 * SECONDS
    use(path)


def refused(sentence: str) -> None:
    assert len(sentence) <= 300
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert "internal error" not in sentence


def sparse(path: Path) -> Path:
    """30 GB of images that are no bytes on the disk."""
    header = {
        "__metadata__": ORIGINALS[0][1],
        "images": {"dtype": "U8", "shape": [30 * 2**30], "data_offsets": [0, 30 * 2**30]},
    }
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + 30 * 2**30)
    return path


def many_tensors(path: Path) -> Path:
    one = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    text = json.dumps({"__metadata__": ORIGINALS[0][1]} | {str(i): one for i in range(60_000)}).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    return path


@pytest.mark.parametrize(("make", "limit"), [(sparse, "CHECKPOINT_MIB"), (many_tensors, "HEADER_KIB|TENSORS")])
def test_file_beyond_a_limit_is_read_no_further(tmp_path: Path, make: Callable[[Path], Path], limit: str) -> None:
    """A file that claims more than a limit is refused by that limit and read no further."""
    with pytest.raises(GlicoError, match=f"GLICO_LIMIT_({limit})=N") as caught:
        Checkpoint.load(make(tmp_path / "large.safetensors"))
    refused(str(caught.value))


def huge_network(path: Path) -> Path:
    tensors, header = ORIGINALS[0]
    config = json.loads(header["config"]) | {"generator_width": 4096, "weak_classifier": "wideresnet-1000000-1"}
    save_file({k: v.contiguous() for k, v in tensors.items()}, path, metadata=header | {"config": json.dumps(config)})
    return path


def long_name(path: Path) -> Path:
    tensors, header = ORIGINALS[0]
    names = json.dumps(["x" * 2**20, *map(str, range(9))])
    save_file({k: v.contiguous() for k, v in tensors.items()}, path, metadata=header | {"class_names": names})
    return path


MEASURED = """
import re, sys, time
from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.latent_space import LatentSpace, trained_with
from glico.errors import GlicoError

def peak():  # KiB; getrusage would give that of the process which started this one
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])

for path in sys.argv[1:]:
    for read in (trained_with, LatentSpace.load, Checkpoint.load):
        before, start = peak(), time.process_time()
        try:
            read(path)
        except GlicoError:
            pass
        print(peak() - before, time.process_time() - start)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
def test_hostile_file_costs_little_time_and_memory(tmp_path: Path) -> None:
    """A hostile file is listed and opened in less than 5 s and 1 GB."""
    makers = (sparse, many_tensors, huge_network, long_name)
    paths = [make(tmp_path / f"{make.__name__}.safetensors") for make in makers]
    text = subprocess.run([sys.executable, "-c", MEASURED, *paths], capture_output=True, text=True, check=True).stdout
    costs = [tuple(map(float, line.split())) for line in text.splitlines()]
    assert len(costs) == 3 * len(paths)
    for memory, seconds in costs:
        assert memory < 2**20  # KiB
        assert seconds < SECONDS


def as_is(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return tensors


def cut(count: int) -> Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]:
    names = ("codes", "labels", "indices", "digests", "images")
    return lambda tensors: {
        name: tensor[:count].clone() if name in names else tensor
        for name, tensor in tensors.items()
        if name not in ("snapshots", "snapshot_steps")
    }


def with_tensor(name: str, change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., dict[str, torch.Tensor]]:
    return lambda tensors: tensors | {name: change(tensors[name])}


PAGE_FILES: dict[str, tuple[Callable[..., dict[str, torch.Tensor]], dict[str, str]]] = {
    "null names": (as_is, {"class_names": "[null, null]"}),
    "nested": (as_is, {"summary": "[" * 5000}),
    "shape of 2": (as_is, {"image_shape": "[16, 16]"}),
    "NaN codes": (with_tensor("codes", lambda codes: codes * torch.nan), {}),
    "complex labels": (with_tensor("labels", lambda labels: labels.to(torch.complex64)), {}),
    "one code": (cut(1), {}),
    "half the codes": (cut(50), {}),
    "all unlabelled": (with_tensor("labels", lambda labels: labels * 0 - 1), {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", PAGE_FILES)
def test_pages_show_a_sentence_for_a_strange_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """On the pages, a file that cannot be read is a sentence in its place."""
    from streamlit.testing.v1 import AppTest

    tensors, header = ORIGINALS[0]
    change, metadata = PAGE_FILES[what]
    monkeypatch.setenv("GLICO_RUNS", str(tmp_path))
    folder = tmp_path / "nasty"
    folder.mkdir()
    changed = {name: tensor.contiguous() for name, tensor in change(dict(tensors)).items()}
    save_file(changed, folder / "checkpoint.safetensors", metadata=header | metadata)
    for view in ("latent_map", "interpolate", "classify"):
        page = AppTest.from_file(str(SHIPPED.parent / "streamlit_app.py"), default_timeout=120)
        page.query_params["checkpoint"] = "nasty"
        page.query_params["method"] = "pca"
        page.run()
        page.session_state["latent_map_drawn"] = True  # as the browser says
        page.run()
        if view != "latent_map":
            page.switch_page(f"app/views/{view}.py").run()
        assert not page.exception, (view, page.exception)
        if view == "interpolate" and what != "half the codes":
            assert [error.value for error in page.error], "a sentence says what is wrong"
