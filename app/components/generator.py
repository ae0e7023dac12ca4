"""A checkpoint's generator as the browser opens it: addresses of the runtime and of its graph."""

import hashlib

from app.components.static_files import media_address, static_address
from glico.checkpoints.latent_space import LatentSpace
from glico.web.generator import RUNTIME, VERSION, WASM, GeneratorData, generator_data


def generator_at(space: LatentSpace, graph: bytes) -> GeneratorData:
    """The generator of a checkpoint whose latent space is ``space`` and whose ONNX file is ``graph``."""
    name = hashlib.sha256(graph).hexdigest()[:16]
    return generator_data(
        space,
        name,
        static_address(f"onnxruntime-{VERSION}.mjs", RUNTIME, "text/javascript"),
        static_address(f"onnxruntime-{VERSION}.wasm.gz", WASM, "application/gzip"),
        media_address(graph, f"{name}.onnx", "application/octet-stream"),
    )
