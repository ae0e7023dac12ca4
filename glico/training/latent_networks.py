"""The parameters that latent optimisation learns: codes, generator, weak classifier, critic; and their optimisers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from glico.checkpoints.tensor_file import prefixed, unprefixed
from glico.config import TrainConfig
from glico.data.dataset import Sample
from glico.latent.codes import initial_codes
from glico.models.classifiers import build_weak_classifier
from glico.models.critic import Critic
from glico.models.features import features_of, resnet_features
from glico.models.generators import build_generator
from glico.training.muon import Muon, normalised_weights
from glico.training.warm_start import RATE, warm_start

MUON_RATE = 25  # relative to Adam's: 0.05 of a matrix's norm per step at first by default
BETAS = (0.5, 0.999)  # Adam's for codes and generator, the authors' code's
WEAK_OPTIMISERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "sgd": partial(torch.optim.SGD, momentum=0.9, weight_decay=1e-4),  # the authors' code's
}


@dataclass(frozen=True)
class LatentNetworks:
    """The ``codes`` (n, d) and the generator that are learned, and the networks that the losses need."""

    codes: nn.Embedding
    generator: nn.Module
    classifier: nn.Module | None
    critic: nn.Module | None

    @classmethod
    def build(cls, config: TrainConfig, sample: Sample, images: Tensor) -> "LatentNetworks":
        """Draw the codes and the parameters of generator, weak classifier and critic, in this order.

        They depend on the seed alone. Codes and generator come first, so that GLO and GLICO of a seed start alike.
        ``images`` (n, C, H, W) are the sample's, on the device of the training.
        """
        (_, channels, resolution, _), classes, device = images.shape, len(sample.class_names), images.device
        features = None
        if config.initialisation == "resnet":
            resnet = resnet_features(config.resnet_weights, config.download).to(device)
            features = features_of(resnet, images, device)  # (n, f)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            codes = initial_codes(config.initialisation, sample.labels, config.dimension, classes, features)
            generator = build_generator(config, channels, resolution)
            classifier: nn.Module | None = None
            if config.objective == "glico":
                classifier = build_weak_classifier(config, channels, resolution, classes, images.cpu())
            has_critic = config.trains_between and config.between == "critic"
            critic = Critic(channels, resolution) if has_critic else None
        if config.warm_start is not None:
            start = warm_start(config, sample)
            codes = start.codes
            generator.load_state_dict(start.generator)
            if classifier is not None:
                classifier.load_state_dict(start.classifier)
        for network in filter(None, (generator, classifier, critic)):
            network.to(device).to(memory_format=torch.channels_last)
        return cls(
            nn.Embedding.from_pretrained(codes, freeze=False, sparse=True).to(device), generator, classifier, critic
        )

    @property
    def drops_out(self) -> bool:
        """Whether the weak classifier has dropout."""
        return self.classifier is not None and any(
            isinstance(module, nn.Dropout) for module in self.classifier.modules()
        )

    def optimisers(self, config: TrainConfig) -> dict[str, torch.optim.Optimizer]:
        """Return an optimiser for the codes and for each network, with the configured rates."""
        fused = self.codes.weight.device.type == "cuda" or None
        optimisers: dict[str, torch.optim.Optimizer] = {
            "codes": torch.optim.SparseAdam(self.codes.parameters(), config.learning_rate_codes, BETAS),
        }
        matrices = normalised_weights(self.generator) if config.generator_optimiser == "muon" else []
        others = [weight for weight in self.generator.parameters() if all(weight is not one for one in matrices)]
        optimisers["generator"] = torch.optim.Adam(others, config.learning_rate_generator, BETAS, fused=fused)
        if matrices:
            optimisers["matrices"] = Muon(matrices, MUON_RATE * config.learning_rate_generator)
        rate = config.learning_rate_classifier
        if self.classifier is not None:
            weak = WEAK_OPTIMISERS[config.classifier_optimiser]
            optimisers["classifier"] = weak(self.classifier.parameters(), rate, fused=fused)
        if self.critic is not None:
            optimisers["critic"] = torch.optim.Adam(self.critic.parameters(), rate, BETAS, fused=fused)
        if config.warm_start is not None:
            for optimiser in optimisers.values():
                optimiser.param_groups[0]["lr"] *= RATE
        return optimisers

    def state(self) -> dict[str, Tensor]:
        """Return the codes and the parameters of every network, by name."""
        state = {"codes": self.codes.weight.detach()}
        for name, network in self._networks().items():
            state |= prefixed(name, network.state_dict())
        return state

    def restore(self, state: dict[str, Tensor]) -> None:
        """Restore the parameters that :meth:`state` returned, among other tensors."""
        self.codes.load_state_dict({"weight": state["codes"]})
        for name, network in self._networks().items():
            network.load_state_dict(unprefixed(name, state))

    def _networks(self) -> dict[str, nn.Module]:
        networks = {"generator": self.generator, "classifier": self.classifier, "critic": self.critic}
        return {name: network for name, network in networks.items() if network is not None}
