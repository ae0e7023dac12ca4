"""A checkpoint's generator as the browser opens it: addresses of the runtime and of its graph."""

import hashlib

from app.components.static_files import media_address, static_address
from glico.checkpoints.latent_space import LatentSpace
from glico.web.generator import RUNTIME, VERSION, WASM, GeneratorData, generator_data


def generator_at(space: LatentSpace, graph: bytes) -> GeneratorData:
    """Return the generator of a checkpoint whose latent space is ``space`` and whose ONNX file is ``graph``."""
    return generator_data(
        space,
        _name(graph),
        static_address(f"onnxruntime-{VERSION}.mjs", RUNTIME, "text/javascript"),
        static_address(f"onnxruntime-{VERSION}.wasm.gz", WASM, "application/gzip"),
        graph_address(graph),
    )


def graph_address(graph: bytes) -> str:
    """Return the address of a network's ONNX file, relative to the page."""
    return media_address(graph, f"{_name(graph)}.onnx", "application/octet-stream")


def _name(graph: bytes) -> str:
    return hashlib.sha256(graph).hexdigest()[:16]
