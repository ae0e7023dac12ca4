"""The layers of networks as data, so that PyTorch and ONNX build the same network. Imports no PyTorch."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Linear:
    """(B, inputs) -> (B, outputs)."""

    inputs: int
    outputs: int
    bias: bool


@dataclass(frozen=True)
class Unflatten:
    """(B, channels * side * side) -> (B, channels, side, side)."""

    channels: int
    side: int


@dataclass(frozen=True)
class Flatten:
    """(B, ...) -> (B, the product of the rest)."""


@dataclass(frozen=True)
class BatchNorm:
    """Batch normalisation of (B, channels, H, W)."""

    channels: int


@dataclass(frozen=True)
class ReLU:
    """max(x, 0)."""


@dataclass(frozen=True)
class LeakyReLU:
    """max(x, slope * x)."""

    slope: float


@dataclass(frozen=True)
class Sigmoid:
    """1 / (1 + exp(-x))."""


@dataclass(frozen=True)
class Convolution:
    """A convolution of 3 x 3 with a bias that keeps the side: (B, inputs, H, W) -> (B, outputs, H, W)."""

    inputs: int
    outputs: int


@dataclass(frozen=True)
class Upsample:
    """A transposed convolution of 4 x 4 that doubles the side: (B, inputs, H, W) -> (B, outputs, 2H, 2W)."""

    inputs: int
    outputs: int
    bias: bool


@dataclass(frozen=True)
class MaxPool:
    """The largest of every 2 x 2 values: (B, C, H, W) -> (B, C, H / 2, W / 2)."""


@dataclass(frozen=True)
class Shrink:
    """The mean of every ``factor`` x ``factor`` values: (B, C, H, W) -> (B, C, H / factor, W / factor)."""

    factor: int


Layer = (
    Linear | Unflatten | Flatten | BatchNorm | ReLU | LeakyReLU | Sigmoid | Convolution | Upsample | MaxPool | Shrink
)
Shape = tuple[int, ...]

COUNTER = "num_batches_tracked"  # of batch normalisation: the one parameter that is an int64


def parameter_shapes(layers: Iterable[Layer]) -> dict[str, Shape]:
    """Return the shapes of the parameters of ``layers`` by the names of PyTorch's ``state_dict``: "0.weight", ..."""
    shapes: dict[str, Shape] = {}
    for index, layer in enumerate(layers):
        shapes |= {f"{index}.{name}": shape for name, shape in _own_shapes(layer).items()}
    return shapes


def _own_shapes(layer: Layer) -> dict[str, Shape]:
    match layer:
        case Linear(inputs, outputs, bias):
            return {"weight": (outputs, inputs)} | ({"bias": (outputs,)} if bias else {})
        case BatchNorm(channels):
            names = ("weight", "bias", "running_mean", "running_var")
            return dict.fromkeys(names, (channels,)) | {COUNTER: ()}
        case Convolution(inputs, outputs):
            return {"weight": (outputs, inputs, 3, 3), "bias": (outputs,)}
        case Upsample(inputs, outputs, bias):
            return {"weight": (inputs, outputs, 4, 4)} | ({"bias": (outputs,)} if bias else {})
        case _:
            return {}
