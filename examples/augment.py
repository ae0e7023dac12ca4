"""LatentAugment in a training loop of your own, with its control: the pixel mean of the same images of a class.

    python examples/augment.py [STEPS]            # by default 300 steps for each classifier

A gain over "nothing" alone does not show that the generator helps: compare with the control, over several seeds.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

import glico

CHECKPOINT = Path(__file__).parents[1] / "checkpoints" / "digits-glico.safetensors"
Augment = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


def train(data: TensorDataset, augment: Augment, steps: int) -> nn.Module:
    """A small network, trained on batches that ``augment`` has changed."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 10),
    )
    optimiser = torch.optim.AdamW(network.parameters(), lr=0.003)
    loader = DataLoader(data, batch_size=50, shuffle=True)
    step = 0
    while step < steps:
        for images, labels in loader:
            images, labels = augment(images, labels)  # before normalisation: images are in [0, 1]
            loss = F.cross_entropy(network((images - 0.5) / 0.5), labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            step += 1
    return network.eval()


def tensors(images: object, labels: object) -> TensorDataset:
    """Images (n, H, W, C) uint8 as (n, C, H, W) floats in [0, 1], with their labels."""
    return TensorDataset(torch.as_tensor(images).permute(0, 3, 1, 2) / 255, torch.as_tensor(labels))


def main(steps: int) -> None:
    """Train without augmentation, with generated images and with the control; print the test accuracy of each."""
    model = glico.load(CHECKPOINT)
    digits = glico.load_dataset("digits")
    sample = glico.small_sample(digits, samples_per_class=10, seed=0)  # the images that the model was fitted on
    test_images, test_labels = tensors(digits.test_images, digits.test_labels).tensors
    augmentations: dict[str, Augment] = {
        "nothing": lambda images, labels: (images, labels),
        "LatentAugment, detail": glico.LatentAugment(model, p=0.5, detail=True, seed=0),
        "ClassMix, the control": glico.ClassMix(model, p=0.5, seed=0),
    }
    for name, augment in augmentations.items():
        network = train(tensors(sample.images, sample.labels), augment, steps)
        with torch.no_grad():
            accuracy = (network((test_images - 0.5) / 0.5).argmax(dim=1) == test_labels).float().mean()
        print(f"{name:22} {accuracy:.1%} of {len(test_labels)} test images")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
