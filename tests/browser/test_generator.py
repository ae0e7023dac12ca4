"""The generator in a real browser draws PyTorch's images, and its sphere is Python's."""

import base64
import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page
from tiny_checkpoints import give_fields

from glico.checkpoints.checkpoint import Checkpoint
from glico.checkpoints.opened import WeakClassifier
from glico.config import TrainConfig
from glico.latent import paths
from glico.models.generators import build_generator, draw_noise
from glico.pixels import to_uint8
from glico.places import HOME
from glico.web.generator import RUNTIME, WASM, generator_data, inline_generator
from glico.web.modules import bundle

FOLDER = Path(__file__).parents[2] / "glico" / "web" / "generator"
DRAW = """async ([data, codes, noise]) => {
  const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer)
  const generator = await module.Generator.open(data)
  const { pixels, width, height } = await generator.draw(floats(codes), noise && floats(noise))
  generator.close()
  return { pixels: Array.from(pixels), width, height }
}"""


class Site(NamedTuple):
    """A folder that is served, and its address."""

    folder: Path
    address: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with the runtime, and room for graphs."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_text('<!doctype html><link rel="icon" href="data:,">')
    for file in (RUNTIME, WASM):
        shutil.copy(file, folder)
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Site(folder, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


@pytest.fixture
def page(site: Site, tab: Callable[..., Page]) -> Page:
    """A page of that server that has imported generator.js and sphere.js."""
    page = tab()
    page.goto(site.address)
    page.evaluate(
        """async (texts) => {
          const addresses = texts.map((text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" })))
          const modules = await Promise.all(addresses.map((address) => import(address)))
          window.module = Object.assign({}, ...modules)
        }""",
        [bundle(FOLDER / name) for name in ("generator.js", "sphere.js")],
    )
    return page


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *args: object) -> None:
        pass


def packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


def assert_same_images(
    site: Site, page: Page, checkpoint: Checkpoint, codes: torch.Tensor, noise: torch.Tensor | None
) -> None:
    """The browser's images differ from PyTorch's by at most one grey level."""
    graph = checkpoint.onnx()
    name = hashlib.sha256(graph).hexdigest()
    (site.folder / name).write_bytes(graph)
    places = (f"{site.address}/{place}" for place in (RUNTIME.name, WASM.name, name))
    data = generator_data(checkpoint.latent_space, name, *places)
    answer = page.evaluate(DRAW, [data, packed(codes.numpy()), None if noise is None else packed(noise.numpy())])
    pixels = np.array(answer["pixels"], np.uint8)
    drawn = pixels.reshape(len(codes), answer["height"], answer["width"], 4)[..., :3]
    assert np.abs(drawn.astype(int) - to_uint8(checkpoint.decoder()(codes, noise))).max() <= 1


@pytest.mark.parametrize("file", sorted((HOME / "checkpoints").glob("*.safetensors")), ids=lambda file: file.stem)
def test_shipped_checkpoint_draws_alike(site: Site, page: Page, file: Path) -> None:
    """Images of the shipped checkpoints differ from PyTorch's by at most one grey level."""
    checkpoint = Checkpoint.load(file)
    assert_same_images(site, page, checkpoint, checkpoint.codes[:12], None)


def test_browser_classifies_as_python_does(page: Page) -> None:
    """The weak classifier's probabilities of generated images are those of the checkpoint in Python."""
    checkpoint = Checkpoint.load(HOME / "checkpoints" / "digits-glico.safetensors").opened
    assert isinstance(checkpoint.classify, WeakClassifier)
    codes = checkpoint.space.codes[:12]
    answer = page.evaluate(
        """async ([data, classifier, codes]) => {
          const generator = await module.Generator.open(data, classifier)
          const bytes = Uint8Array.from(atob(codes), (letter) => letter.charCodeAt(0))
          const { probabilities } = await generator.draw(new Float32Array(bytes.buffer), null, true)
          generator.close()
          return Array.from(probabilities)
        }""",
        [
            inline_generator(checkpoint.space, checkpoint.graph, "digits"),
            base64.b64encode(checkpoint.classify.graph).decode(),
            packed(codes),
        ],
    )
    expected = checkpoint.probabilities(checkpoint.decode(codes), codes)
    np.testing.assert_allclose(np.array(answer).reshape(expected.shape), expected, atol=1e-4)


@pytest.mark.parametrize("generator", ["dcgan", "reference", "moving"])
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_configuration_draws_alike(site: Site, page: Page, generator: Any, data: st.DataObject) -> None:
    """So do those of any generator that can be trained here, with noise and without."""
    resolution = 32 if generator == "reference" else data.draw(st.sampled_from([8, 16, 64]))
    config = TrainConfig(
        generator=generator,
        noise=data.draw(st.sampled_from(["concatenate", "project", "add", "none"])),
        dimension=data.draw(st.integers(2, 20)),
        noise_dimension=data.draw(st.integers(1, 9)),
        generator_width=data.draw(st.integers(4, 9)),
    )
    channels = data.draw(st.sampled_from([1, 3]))
    with torch.random.fork_rng():
        torch.manual_seed(data.draw(st.integers(0, 99)))
        network = build_generator(config, channels, resolution)
        codes = torch.nn.functional.normalize(torch.randn(3, config.dimension), dim=1)
        noise = draw_noise(config, 3, torch.Generator().manual_seed(0))
        give_fields(network)
        network(codes, noise)  # moves the running means of batch normalisation
    rows = torch.arange(3)
    shape = (resolution, resolution, channels)
    checkpoint = Checkpoint(config, ("a",), shape, codes, 0 * rows, rows, network.eval().state_dict())
    assert_same_images(site, page, checkpoint, codes, noise)


def test_unusable_graph_is_one_sentence(page: Page) -> None:
    """A graph that the runtime refuses is an error to show, not a page that waits."""
    checkpoint = Checkpoint.load(HOME / "checkpoints" / "digits-glico.safetensors")
    data = inline_generator(checkpoint.latent_space, b"no graph", "damaged")
    message = page.evaluate(
        "async (data) => module.Generator.open(data).then(() => '', (error) => error.message)", data
    )
    assert message == "This browser cannot run the generator."


def test_only_the_newest_request_is_carried_out(page: Page) -> None:
    """While one request is at work, only the last of those that arrive is carried out after it."""
    shown = page.evaluate("""async () => {
      const shown = []
      let release
      const gate = new Promise((resolve) => (release = resolve))
      const newest = new module.Newest(async (request) => (await gate, request), (result) => shown.push(result))
      const work = [1, 2, 3, 4].map((request) => newest.ask(request))
      release()
      await Promise.all(work)
      return shown
    }""")
    assert shown == [1, 4]


def test_sphere_equals_python(page: Page) -> None:
    """Slerp, lerp, lists of codes and the Fréchet mean are those of Python, near opposite ends too."""
    rng = torch.Generator().manual_seed(0)
    codes = torch.nn.functional.normalize(torch.randn(6, 5, generator=rng, dtype=torch.float64), dim=1)
    near, opposite = codes[0] + 1e-9 * codes[1], -codes[0]
    times = torch.linspace(0, 1, 9, dtype=torch.float64)
    numbers = page.evaluate(
        """([codes, near, opposite, times]) => ({
          slerp: times.map((t) => Array.from(module.slerp(codes[0], codes[1], t))),
          near: times.map((t) => Array.from(module.slerp(codes[0], near, t))),
          opposite: times.map((t) => Array.from(module.slerp(codes[0], opposite, t))),
          lerp: times.map((t) => Array.from(module.lerp(codes[0], codes[1], t))),
          list: times.map((t) => Array.from(module.pathThrough(codes.slice(0, 3), t, "slerp"))),
          mean: Array.from(module.sphericalMean(codes.slice(0, 3), [1, 1, 1])),
        })""",
        json.loads(json.dumps([codes.tolist(), near.tolist(), opposite.tolist(), times.tolist()])),
    )
    ends = codes[:1].expand(9, -1), codes[1:2].expand(9, -1)
    expected = {
        "slerp": paths.slerp(*ends, times),
        "near": paths.slerp(ends[0], near.expand(9, -1), times),
        "opposite": paths.slerp(ends[0], opposite.expand(9, -1), times),
        "lerp": paths.lerp(*ends, times),
        "list": paths.path_through(codes[:3], times),
        "mean": paths.spherical_mean(codes[:3]),
    }
    for name, values in expected.items():
        np.testing.assert_allclose(numbers[name], values.numpy(), atol=1e-7, err_msg=name)


def test_rotation_takes_a_to_b_and_keeps_lengths(page: Page) -> None:
    """C turned by the rotation from a to b: a becomes b, what is orthogonal to both stays, angles are kept."""
    rng = np.random.default_rng(0)
    a, b, c = (x / np.linalg.norm(x) for x in rng.normal(size=(3, 6)))
    outside = np.linalg.svd(np.stack([a, b]))[2][-1]
    turned = page.evaluate(
        "([a, b, c, d]) => [a, c, d].map((x) => Array.from(module.turned(a, b, x)))",
        [x.tolist() for x in (a, b, c, outside)],
    )
    np.testing.assert_allclose(turned[0], b, atol=1e-12)
    np.testing.assert_allclose(turned[2], outside, atol=1e-12)
    assert np.dot(turned[0], turned[1]) == pytest.approx(np.dot(a, c), abs=1e-12)
