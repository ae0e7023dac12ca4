"""Algorithm 1 without the framework: codes, generator and weak classifier of 100 digits, in PyTorch and scikit-learn.

    python examples/minimal.py            # 500 steps, a few seconds on one core

GLO learns a code on the unit sphere for every image, and a generator that draws the image from it. GLICO also trains a
weak classifier on the generated images, whose cross-entropy pulls the codes of a class together. Expected output:

    GLO    reconstruction 0.257  purity 0.53
    GLICO  reconstruction 0.755  purity 0.74

and how far new images, generated between two of a class, are from the training images.
"""

import sys
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn

PER_CLASS, DIMENSION, NOISE = 10, 64, 8
GAMMA = 3.0  # weight of the cross-entropy: more of it groups the codes further, and draws the images less exactly
NEIGHBOURS = 5


def small_sample(per_class: int, seed: int) -> tuple[Tensor, Tensor]:
    """Images (n, 64) in [0, 1] and labels (n,): the same number of digits of each class."""
    digits = load_digits()
    rng = np.random.default_rng(seed)
    rows = np.concatenate([rng.choice(np.flatnonzero(digits.target == c), per_class, replace=False) for c in range(10)])
    return torch.tensor(digits.data[rows] / 16, dtype=torch.float32), torch.tensor(digits.target[rows])


def network(*widths: int) -> nn.Sequential:
    """Linear layers with ReLU between them."""
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """The great circle from a to b, Eq. (3): (..., d), (..., d), (..., 1) -> (..., d)."""
    angle = (a * b).sum(-1, keepdim=True).clamp(-1, 1).arccos()
    return (((1 - t) * angle).sin() * a + (t * angle).sin() * b) / angle.sin()


def purity(codes: Tensor, labels: Tensor) -> float:
    """Share of the nearest neighbours of a code that have its class."""
    cosine = codes @ codes.T
    cosine.fill_diagonal_(-1)
    return (labels[cosine.topk(NEIGHBOURS).indices] == labels[:, None]).float().mean().item()


def train(images: Tensor, labels: Tensor, gamma: float, steps: int, seed: int) -> tuple[Tensor, nn.Module, float]:
    """Codes (n, d), the generator, and the last reconstruction loss. gamma = 0 is GLO."""
    torch.manual_seed(seed)
    codes = F.normalize(torch.randn(len(images), DIMENSION), dim=1).requires_grad_()
    generator = network(DIMENSION + NOISE, 256, 256, images.shape[1])
    classifier = network(images.shape[1], 32, 10)
    optimiser = torch.optim.Adam(
        [
            {"params": [codes], "lr": 0.01},
            {"params": generator.parameters(), "lr": 0.001},
            {"params": classifier.parameters(), "lr": 0.0003},
        ]
    )
    for step in range(steps):
        for group in optimiser.param_groups:  # half a cosine down to zero
            group.setdefault("initial", group["lr"])
            group["lr"] = group["initial"] * 0.5 * (1 + np.cos(np.pi * step / steps))

        # Algorithm 1: generate the images of the codes, with noise
        noise = 0.15 * torch.randn(len(images), NOISE)
        generated = generator(torch.cat([codes, noise], dim=1)).sigmoid()

        # Algorithm 1: L = L_reconstruction + gamma L_ce
        reconstruction = (generated - images).square().sum(dim=1).mean()
        loss = reconstruction + gamma * F.cross_entropy(classifier(generated), labels)

        # Algorithm 1: update codes, generator and classifier, and put the codes back onto the sphere
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        with torch.no_grad():
            codes.copy_(F.normalize(codes, dim=1))
    return codes.detach(), generator, reconstruction.item()


def between(codes: Tensor, labels: Tensor, generator: nn.Module, per_class: int) -> Tensor:
    """New images (10 * per_class, 64), each between two codes of a class (section IV-B), without noise."""
    pairs = [torch.where(labels == c)[0][torch.randperm(PER_CLASS)[:2]] for c in range(10) for _ in range(per_class)]
    i, j = torch.stack(pairs).T
    z = slerp(codes[i], codes[j], torch.rand(len(i), 1) * 0.4)
    return generator(torch.cat([z, torch.zeros(len(i), NOISE)], dim=1)).sigmoid().detach()


def main(steps: int) -> None:
    """Train GLO and GLICO on the same sample, and print what they reach."""
    images, labels = small_sample(PER_CLASS, seed=0)
    for name, gamma in (("GLO", 0.0), ("GLICO", GAMMA)):
        codes, generator, loss = train(images, labels, gamma, steps, seed=0)
        new = between(codes, labels, generator, per_class=2)
        nearest = torch.cdist(new, images).min(dim=1).values.median().item()
        print(
            f"{name:5}  reconstruction {loss:.3f}  purity {purity(codes, labels):.2f}  "
            f"{len(new)} new images, median distance to the nearest training image {nearest:.2f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
