"""A conditional DCGAN trained on one small sample, with GLICO's generator: the comparison of Fig. 1."""

import torch
import torch.nn.functional as F
from torch import Tensor

from glico.checkpoints.tensor_file import prefixed, unprefixed
from glico.config import DcganConfig
from glico.data.dataset import Sample
from glico.machine import autocast
from glico.models.dcgan import ConditionalGenerator, Discriminator, initialise
from glico.training.distributed import alone
from glico.training.epoch_sampler import EpochSampler
from glico.training.loop import Record, Training, optimiser_state, restore_optimiser, seeded

BETAS = (0.5, 0.999)  # [32], section 4


class Dcgan(Training):
    """The adversarial training of [32]. Iterate over it to train; ``generator`` is the result.

    Each step updates the discriminator once and then the generator once. The generator's loss is the non-saturating one
    (Goodfellow et al., 2014, section 3).
    """

    finite = ("generator_loss", "discriminator_loss")

    def __init__(self, config: DcganConfig, sample: Sample, device: str | None = None) -> None:
        alone("A DCGAN")
        super().__init__(config, device)
        self.config = config

        # The small sample stays on the device, as tensors.
        pixels = torch.from_numpy(sample.images).to(self.device).permute(0, 3, 1, 2)
        self.images = pixels.float().div(255).contiguous(memory_format=torch.channels_last)  # (n, C, H, W)
        self.labels = torch.from_numpy(sample.labels).to(self.device)  # (n,)
        n, channels, resolution, _ = self.images.shape
        classes = len(sample.class_names)

        # The initial state depends on the seed only.
        with seeded(config.seed, self.device):
            self.generator = ConditionalGenerator(config, channels, resolution, classes)
            self.discriminator = Discriminator(channels, resolution, classes, config.discriminator_width)
            initialise(self.discriminator)
        self.rng = torch.Generator(self.device).manual_seed(config.seed)
        self.networks = {"generator": self.generator, "discriminator": self.discriminator}
        self.optimisers = {}
        for name, network in self.networks.items():
            network.to(self.device).to(memory_format=torch.channels_last)
            self.optimisers[name] = torch.optim.Adam(network.parameters(), config.learning_rate, BETAS)
        self.epochs = EpochSampler(torch.arange(n, device=self.device), min(config.batch_size, n))

    @property
    def images_per_step(self) -> int:
        """The size of the batch, or of the sample if that is smaller."""
        return self.epochs.size

    def advance(self) -> int:
        """Train both networks for one step."""
        index = self.epochs.next(self.rng)  # (B,)
        images, labels = self.images[index], self.labels[index]  # (B, C, H, W), (B,)

        # The discriminator: real images are 1, generated ones of the same classes 0
        with autocast(self.device, self.dtype):
            generated = self.generator.generate(labels, self.rng)  # (B, C, H, W)
            true_logits = self.discriminator(images, labels).float()  # (B,)
            generated_logits = self.discriminator(generated.detach(), labels).float()
        discriminator_loss = F.softplus(-true_logits).mean() + F.softplus(generated_logits).mean()
        self._update("discriminator", discriminator_loss)

        # The generator: the discriminator should classify its images as real
        with autocast(self.device, self.dtype):
            logits = self.discriminator(generated, labels).float()
        loss = F.softplus(-logits).mean()
        self._update("generator", loss)

        right = torch.cat([true_logits > 0, generated_logits < 0]).float().mean()
        terms = {"generator_loss": loss, "discriminator_loss": discriminator_loss, "discriminator_accuracy": right}
        self.terms = {name: term.detach() for name, term in terms.items()}
        return len(index)

    def report(self) -> Record:
        """Return the losses of the step, and the share of images that the discriminator classifies correctly."""
        return {name: float(value) for name, value in self.terms.items()}

    def _update(self, name: str, loss: Tensor) -> None:
        self.optimisers[name].zero_grad(set_to_none=True)
        loss.backward()
        self.optimisers[name].step()

    def state(self) -> dict[str, Tensor]:
        """See :class:`glico.training.loop.Training`."""
        state = super().state() | {"order": self.epochs.left}
        for name, network in self.networks.items():
            state |= prefixed(name, network.state_dict())
            state |= optimiser_state(self.optimisers[name], f"optimiser.{name}")
        return state

    def restore(self, state: dict[str, Tensor]) -> None:
        """See :class:`glico.training.loop.Training`."""
        super().restore(state)
        self.epochs.left = state["order"].to(self.device)
        for name, network in self.networks.items():
            network.load_state_dict(unprefixed(name, state))
            restore_optimiser(self.optimisers[name], f"optimiser.{name}", state)
