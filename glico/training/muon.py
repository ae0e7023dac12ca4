"""Muon (Jordan et al., 2024): an optimiser for weight matrices that moves all their directions equally far."""

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import Optimizer

MOMENTUM = 0.9  # less than Jordan et al.'s 0.95: a batch is most of a small sample, so its gradient has little noise
DAMPING = 1e-4  # of the largest squared singular value: directions below a hundredth of the largest are noise


class Muon(Optimizer):
    """Moves each weight by ``lr`` times its norm, along the momentum of its gradient with equal singular values.

    The matrix of a linear layer is its weight, that of a transposed convolution (C, D, k, k) is (C, D k k). It keeps
    the norm that it starts with, so its scale must not matter (:func:`normalised_weights`).

    torch.optim.Muon takes no convolutions and computes in bfloat16, in which many CPUs are slow. This one takes the
    eigenvectors of the smaller Gram matrix in float32.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Move every weight that has a gradient. A ``closure`` is not called."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    _move(weight, self.state[weight], group["lr"])


def _move(weight: Tensor, state: dict[str, Any], rate: float) -> None:
    assert weight.grad is not None
    if not state:
        state["momentum"], state["norm"] = torch.zeros_like(weight), weight.norm()
    state["momentum"].lerp_(weight.grad, 1 - MOMENTUM)
    direction = weight.grad.lerp(state["momentum"], MOMENTUM).flatten(1)  # Nesterov's
    length = rate * state["norm"] / math.sqrt(min(direction.shape))  # so the step is rate times the norm
    weight.sub_(length * orthogonal(direction).view(weight.shape))
    weight.mul_(state["norm"] / weight.norm())


def orthogonal(matrix: Tensor) -> Tensor:
    """Return ``matrix`` (m, n) with the same singular vectors and singular values of 1.

    Those below sqrt DAMPING of the largest shrink in proportion instead. A matrix of zeros stays one. One with a value
    that is no number has none afterwards.
    """
    if matrix.shape[0] > matrix.shape[1]:
        return orthogonal(matrix.T).T
    gram = matrix @ matrix.T
    on_cpu = gram.device.type == "mps"  # which has no eigenvectors
    try:
        squares, vectors = torch.linalg.eigh(gram.cpu() if on_cpu else gram)  # ascending
    except torch.linalg.LinAlgError:  # values are infinite or no numbers; the loss will say so
        return torch.full_like(matrix, torch.nan)
    least = (DAMPING * squares[-1]).clamp(min=torch.finfo(gram.dtype).tiny)
    whiten = (vectors * squares.maximum(least).rsqrt()) @ vectors.T
    return whiten.to(matrix.device) @ matrix


def normalised_weights(network: nn.Module) -> list[Tensor]:
    """Return the weights of the linear layers and transposed convolutions that a batch norm follows: their scale
    changes nothing that the network computes."""
    weights: list[Tensor] = []
    for layers in network.modules():
        if isinstance(layers, nn.Sequential):
            computing = [layer for layer in layers if not isinstance(layer, nn.Unflatten)]
            weights += [
                layer.weight
                for layer, following in pairwise(computing)
                if isinstance(layer, nn.Linear | nn.ConvTranspose2d) and isinstance(following, _BatchNorm)
            ]
    return weights
