"""The generator in the browser: onnxruntime-web, the graph of a checkpoint, and the content that Python sends."""

import base64
from pathlib import Path
from typing import TypedDict

from glico.checkpoints.latent_space import LatentSpace
from glico.models.generator_layers import noise_size

VENDOR = Path(__file__).parent / "vendor"
VERSION = "1.30.0"  # of onnxruntime-web; see vendor/README.md
RUNTIME = VENDOR / "ort.wasm.bundle.min.mjs"
WASM = VENDOR / "ort-wasm-simd-threaded.wasm.gz"


class GeneratorData(TypedDict):
    """The files for generator.js: addresses of the runtime and of the graph, or if ``inline`` their bytes in base64."""

    id: str
    dimension: int
    noise: int
    inline: bool
    runtime: str
    wasm: str
    graph: str


def inline_generator(space: LatentSpace, graph: bytes, name: str) -> GeneratorData:
    """Return the generator for a file that stands alone: some 5 MB and the ``graph``; ``name`` identifies it."""
    runtime, wasm, network = (
        base64.b64encode(content).decode() for content in (RUNTIME.read_bytes(), WASM.read_bytes(), graph)
    )
    return generator_data(space, name, runtime, wasm, network, inline=True)


def generator_data(
    space: LatentSpace, name: str, runtime: str, wasm: str, graph: str, *, inline: bool = False
) -> GeneratorData:
    """Return the generator of a checkpoint whose latent space is ``space``; ``name`` identifies it to the browser."""
    return {
        "id": name,
        "dimension": space.config.dimension,
        "noise": noise_size(space.config) or 0,
        "inline": inline,
        "runtime": runtime,
        "wasm": wasm,
        "graph": graph,
    }
