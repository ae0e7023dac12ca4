"""Write a network as one ONNX file, with named inputs, outputs and metadata."""

import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from glico.checkpoints.classifier_file import NO_ONNX, can_write_onnx
from glico.errors import GlicoError
from glico.formats import json_text


def onnx_file(
    network: nn.Module,
    inputs: Mapping[str, tuple[Tensor, Mapping[int, str]]],
    output: str,
    metadata: Mapping[str, Any],
) -> bytes:
    """``network`` as a file that any ONNX runtime opens.

    ``inputs`` are its arguments in their order, by name: an example, and names for the sizes that may differ, by axis.
    ``metadata`` travels as JSON, an entry each. Raises GlicoError if the packages that write ONNX are missing.
    """
    if not can_write_onnx():
        raise GlicoError(NO_ONNX)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two inputs may share the name of a size
        program = torch.onnx.export(
            network.eval(),
            tuple(example for example, _ in inputs.values()),
            input_names=list(inputs),
            output_names=[output],
            dynamic_shapes=tuple(dict(sizes) for _, sizes in inputs.values()),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    program.model.metadata_props.update({name: json_text(value) for name, value in metadata.items()})
    content: bytes = program.model_proto.SerializeToString()
    return content
