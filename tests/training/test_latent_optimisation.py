"""Laws of Algorithm 1, on real digits."""

import copy
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from glico.checkpoints.checkpoint import Checkpoint
from glico.config import TrainConfig
from glico.data import load_configured, small_sample
from glico.data.dataset import Sample
from glico.errors import GlicoError
from glico.latent.double_exposure import double_exposure
from glico.latent.pairs import Pair
from glico.latent.paths import slerp
from glico.losses.laplacian import LaplacianLoss
from glico.losses.neighbourhood import neighbourhood_loss
from glico.models.critic import Critic
from glico.places import SHIPPED
from glico.training.between import FoolCritic
from glico.training.epoch_sampler import EpochSampler
from glico.training.latent_optimisation import LatentOptimisation, snapshot_steps

SMALL = {"samples_per_class": 4, "steps": 12, "generator_width": 8, "noise_dimension": 8, "device": "cpu"}


def sample(config: TrainConfig) -> Sample:
    dataset = load_configured(config)
    return small_sample(dataset, config.samples_per_class, config.seed, config.unlabelled, config.unlabelled_limit)


def trained(steps: int | None = None, **changes: object) -> LatentOptimisation:
    config = TrainConfig(**(SMALL | changes))
    training = LatentOptimisation(config, sample(config))
    for _ in training:
        if training.step == steps:
            break
    return training


def equal(a: LatentOptimisation, b: LatentOptimisation) -> bool:
    x, y = a.state(), b.state()
    return x.keys() == y.keys() and all(torch.equal(x[name], y[name]) for name in x)


VARIANTS = [
    {},
    {"gamma": 0.5, "weak_classifier": "weak-cnn"},
    {"objective": "glo"},
    {"noise": "none"},
    {"noise": "add"},
    {"noise": "project"},
    {"classifier_input": "code"},
    {"classifier_loss": "cosine"},
    {"weak_classifier": "wideresnet-10-1"},
    {"initialisation": "hypercube"},
    {"unlabelled": "test", "unlabelled_limit": 30, "batch_size": 20},
    {"generator": "reference", "resolution": 32, "learning_rate_generator": 1e-4, "samples_per_class": 2},
    {"precision": "bfloat16"},
    {"batch_size": 16},
    {"reconstruction_share": 0.5},
    {"between": "classifier"},
    {"between": "nearest", "batch_size": 16},
    {"between": "critic"},
    {"generator_optimiser": "muon"},
]


@dataclass
class Followed:
    """A training at its end, and on its way: codes and losses step by step, and the state after the fifth."""

    training: LatentOptimisation
    codes: list[Tensor]
    losses: list[float]
    kept: dict[str, Tensor]


@pytest.fixture(scope="module", params=VARIANTS, ids=lambda v: "-".join(map(str, v.values())) or "default")
def followed(request: pytest.FixtureRequest) -> Followed:
    config = TrainConfig(**(SMALL | request.param))
    training = LatentOptimisation(config, sample(config))
    result = Followed(training, [training.codes.weight.detach().clone()], [], {})
    for record in training:
        result.codes.append(training.codes.weight.detach().clone())
        result.losses += [record["reconstruction"]] if record else []
        if training.step == 5:
            result.kept = {name: tensor.clone() for name, tensor in training.state().items()}
    return result


@pytest.mark.slow
def test_codes_stay_on_the_sphere_move_and_lower_the_loss(followed: Followed) -> None:
    start, *moved = followed.codes
    for codes in moved:
        torch.testing.assert_close(codes.norm(dim=1), torch.ones(len(start)), atol=1e-5, rtol=0)
    assert min(followed.losses[-3:]) < followed.losses[0]
    assert ((moved[-1] - start).norm(dim=1) > 1e-4).all()


@pytest.mark.slow
def test_a_stopped_and_resumed_training_is_an_unbroken_one(followed: Followed) -> None:
    config = followed.training.config
    resumed = LatentOptimisation(config, sample(config))
    resumed.restore(followed.kept)
    assert resumed.step == 5
    assert not equal(followed.training, resumed)
    for _ in resumed:
        pass
    assert equal(followed.training, resumed)


def test_the_seed_decides_and_what_was_drawn_before_does_not() -> None:
    first = trained()
    torch.manual_seed(123)
    np.random.seed(5)  # noqa: NPY002 (the law is that the global state does not matter)
    assert equal(first, trained())
    assert not equal(first, trained(seed=1))


def test_training_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    trained()
    assert torch.equal(before, torch.get_rng_state())


def test_the_loss_is_reconstruction_and_gamma_times_entropy() -> None:
    config = TrainConfig(**(SMALL | {"gamma": 3.0}))
    for record in LatentOptimisation(config, sample(config)):
        assert record["loss"] == pytest.approx(record["reconstruction"] + 3 * record["cross_entropy"], rel=1e-5)


def test_the_balanced_gamma_weighs_the_gradients_at_the_image() -> None:
    config = TrainConfig(**(SMALL | {"balance": 0.3, "noise": "none", "steps": 1}))
    training = LatentOptimisation(config, sample(config))
    z, classifier = training.codes.weight.detach(), copy.deepcopy(training.classifier)
    image = copy.deepcopy(training.generator)(z, None).detach().requires_grad_()
    loss = LaplacianLoss()
    rebuilt = torch.autograd.grad(loss(image, loss.targets(training.images)).mean(), image)[0]
    gradient = torch.autograd.grad(F.cross_entropy(classifier(image), training.labels), image)[0]
    pull = neighbourhood_loss(z, torch.arange(40), z, training.labels)
    (record,) = training
    assert record["gamma"] == pytest.approx(float(0.3 * rebuilt.norm() / gradient.norm()), rel=1e-3)
    assert record["pull"] == pytest.approx(float(pull), rel=1e-4)
    parts = record["gamma"] * record["cross_entropy"] + config.pull * record["reconstruction"] * record["pull"]
    assert record["loss"] == pytest.approx(record["reconstruction"] + parts, rel=1e-4)


def test_training_between_codes_skips_class_of_one_image() -> None:
    config = TrainConfig(**(SMALL | {"between": "nearest", "steps": 2}))
    whole = sample(config)
    rows = np.flatnonzero((whole.labels > 0) | (np.arange(len(whole.labels)) == np.argmax(whole.labels == 0)))
    lonely = replace(whole, images=whole.images[rows], labels=whole.labels[rows], indices=whole.indices[rows])
    assert (lonely.labels == 0).sum() == 1
    records = [record for record in LatentOptimisation(config, lonely) if record]
    assert all(np.isfinite(record["between"]) for record in records)


@pytest.mark.slow
@pytest.mark.parametrize("between", ["classifier", "nearest", "critic"])
def test_what_is_asked_of_images_between_two_is_had_by_asking(between: str) -> None:
    last = []
    for weight in (0, 3):
        config = TrainConfig(**(SMALL | {"steps": 16, "between": between, "between_weight": weight}))
        records = [record for record in LatentOptimisation(config, sample(config)) if record]
        last.append(sum(record["between"] for record in records[-6:]))
    assert last[1] < last[0]


def test_the_cosine_loss_takes_the_place_of_the_entropy() -> None:
    config = TrainConfig(**(SMALL | {"gamma": 3.0, "classifier_loss": "cosine", "noise": "none", "steps": 1}))
    training = LatentOptimisation(config, sample(config))
    z, classifier = training.codes.weight.detach(), copy.deepcopy(training.classifier)
    logits = classifier(copy.deepcopy(training.generator)(z, None))
    own = logits[torch.arange(40), training.labels]  # [29]: 1 - f_y / |f|
    expected = (1 - own / logits.norm(dim=1)).mean()
    (record,) = training
    assert record["cosine"] == pytest.approx(expected.item(), rel=1e-4)
    assert record["loss"] == pytest.approx(record["reconstruction"] + 3 * record["cosine"], rel=1e-5)


def test_glo_is_glico_without_its_classifier() -> None:
    glo, free = trained(objective="glo"), trained(gamma=0.0)
    assert torch.equal(glo.codes.weight, free.codes.weight)


def test_unlabelled_image_reaches_only_the_generator() -> None:
    """Algorithm 1: a pass over the labelled images, here one batch of 40, then one over the others."""
    config = TrainConfig(**(SMALL | {"unlabelled": "test", "unlabelled_limit": 40, "steps": 2}))
    training = LatentOptimisation(config, sample(config))

    def kept(part: str) -> dict[str, torch.Tensor]:
        return {name: tensor.clone() for name, tensor in training.state().items() if name.startswith(part)}

    parts = ("codes", "generator", "classifier")
    start, (labelled, unlabelled) = {p: kept(p) for p in parts}, [{p: kept(p) for p in parts} for _ in training]
    codes = [state["codes"]["codes"] for state in (start, labelled, unlabelled)]
    moved = [(after != before).any(dim=1) for before, after in pairwise(codes)]
    assert [rows.tolist() for rows in moved] == [[True] * 40 + [False] * 40, [False] * 40 + [True] * 40]
    assert any((unlabelled["generator"][name] != tensor).any() for name, tensor in labelled["generator"].items())
    assert any((labelled["classifier"][name] != tensor).any() for name, tensor in start["classifier"].items())
    assert all(torch.equal(unlabelled["classifier"][name], tensor) for name, tensor in labelled["classifier"].items())


def test_every_image_is_seen_once_an_epoch() -> None:
    epochs = EpochSampler(torch.arange(100, 140), 8)
    rng = torch.Generator().manual_seed(0)
    seen = torch.cat([epochs.next(rng) for _ in range(len(epochs))])
    assert sorted(seen.tolist()) == list(range(100, 140))


def purity(codes: torch.Tensor, labels: torch.Tensor) -> float:
    """Share of a code's five nearest neighbours that have its label."""
    neighbours = NearestNeighbors(n_neighbors=5).fit(codes.numpy()).kneighbors(return_distance=False)
    return float((labels.numpy()[neighbours] == labels.numpy()[:, None]).mean())


@cache
def ended(**changes: object) -> tuple[float, float]:
    """Purity and reconstruction loss of a small generator after few steps."""
    small = {"samples_per_class": 6, "generator_width": 8, "steps": 150, "learning_rate_codes": 0.01}
    config = TrainConfig.model_validate({"device": "cpu", "precision": "float32"} | small | changes)
    training = LatentOptimisation(config, sample(config))
    records = [record for record in training if record]
    return purity(training.codes.weight.detach(), training.labels), records[-1]["reconstruction"]


@pytest.mark.slow
def test_glico_groups_codes_and_reconstructs_as_well_as_glo() -> None:
    """Fig. 3 (b), at no cost: what nothing but the data gives."""
    (glo, floor), (glico, loss) = ended(objective="glo"), ended()
    assert glico >= 0.9 > glo + 0.2
    assert loss <= 1.3 * floor


@pytest.mark.slow
def test_a_constant_gamma_pulls_the_codes_of_a_class_together() -> None:
    """The paper's Algorithm 1, whose weak classifier reaches the codes through the images alone."""
    assert ended(gamma=0.5, weak_classifier="weak-cnn")[0] > ended(objective="glo")[0] + 0.2


def test_shipped_glico_separates_classes_and_glo_does_not() -> None:
    glo, glico = (Checkpoint.load(SHIPPED / f"digits-{objective}.safetensors") for objective in ("glo", "glico"))
    assert torch.equal(glo.indices, glico.indices)
    assert torch.equal(glo.snapshots[0], glico.snapshots[0])
    assert purity(glico.codes, glico.labels) >= 0.9
    assert purity(glo.codes, glo.labels) <= purity(glico.codes, glico.labels) - 0.2


def test_a_loss_that_is_no_number_stops_with_a_sentence() -> None:
    training = trained(5)
    state = training.state()
    broken = next(name for name in state if name.startswith("generator.") and name.endswith("weight"))
    training.restore(state | {broken: state[broken] * float("nan")})
    with pytest.raises(GlicoError, match=r"diverged \(NaN\) at step 6"):
        list(training)


def test_snapshots_are_the_codes_at_their_steps() -> None:
    training = trained(snapshots=5)
    steps = snapshot_steps(training.config.snapshots, training.config.steps).tolist()
    assert steps[0] == 0
    assert steps[-1] == training.total_steps
    torch.testing.assert_close(training.snapshots[-1].float(), training.codes.weight.detach(), atol=1e-3, rtol=0)
    assert (training.snapshots[0] - training.snapshots[-1]).abs().max() > 0


def test_a_generator_that_does_not_fit_says_what_does() -> None:
    with pytest.raises(GlicoError, match="draws 32 pixels, not 16"):
        trained(generator="reference")
    with pytest.raises(GlicoError, match="Cannot train the moving generator on unlabelled images"):
        trained(generator="moving", unlabelled="test", unlabelled_limit=4)


def discs() -> Sample:
    """Four discs in the corners of an image of 16 x 16."""
    y, x = np.mgrid[:16, :16]
    images = [1 / (1 + np.exp(2 * np.hypot(x - a, y - b) - 6)) for a, b in ((4, 4), (11, 11), (4, 11), (11, 4))]
    return Sample(np.uint8(255 * np.stack(images)[..., None]), np.zeros(4, int), np.arange(4), ("disc",))


@pytest.mark.parametrize("generator", ["dcgan", "moving"])
def test_disc_travels_along_slerp_if_the_generator_moves(generator: str) -> None:
    """Halfway between two corners it is in the middle; the plain generator shows it in both corners at once."""
    settings = {"generator": generator, "objective": "glo", "steps": 120, "generator_width": 8, "noise": "none"}
    training = LatentOptimisation(TrainConfig(**settings), discs())
    for _ in training:
        pass
    codes = training.codes.weight.detach()
    a, middle, b = (training.reconstruct(z[None]) for z in (codes[0], slerp(codes[0], codes[1], 0.5), codes[1]))
    exposure = double_exposure(a, middle, b).item()
    assert exposure < 0.2 if generator == "moving" else exposure > 0.5
    if generator == "moving":
        assert middle[0, 0, 7:9, 7:9].mean() > 2 * middle[0, 0, [4, 11], [4, 11]].mean()


def test_moving_generator_resumes_and_ends_with_its_fields() -> None:
    """The field of every code is its image's, also with a loss between two; a resumed training is an unbroken one."""
    config = TrainConfig(**(SMALL | {"generator": "moving", "between": "nearest"}))
    training, kept = LatentOptimisation(config, discs()), {}
    for _ in training:
        if training.step == 5:
            kept = {name: tensor.clone() for name, tensor in training.state().items()}
    resumed = LatentOptimisation(config, discs())
    resumed.restore(kept)
    for _ in resumed:
        pass
    assert equal(training, resumed)
    fields = training.generator.field(training.codes.weight.detach())
    torch.testing.assert_close(fields, training.moves, atol=1e-3, rtol=0)


@pytest.mark.slow
def test_compiled_networks_compute_the_same() -> None:
    plain, compiled = trained(2), trained(2, compile=True)
    torch.testing.assert_close(plain.codes.weight, compiled.codes.weight, atol=1e-3, rtol=0)


def test_critic_learns_to_guess_and_not_to_be_fooled() -> None:
    """Its gradient is that of its own loss, also after the images have got theirs from it."""
    torch.manual_seed(0)
    critic = Critic(1, 16)
    images, rebuilt = (torch.rand(3, 1, 16, 16, requires_grad=True) for _ in range(2))
    rows = torch.arange(3)
    pairs = Pair(rows, rows.flip(0), torch.tensor([0.1, 0.5, 0.8]))
    FoolCritic(critic)(images, pairs, rebuilt).backward()
    result = [parameter.grad.clone() for parameter in critic.parameters()]
    share = torch.tensor([0.1, 0.5, 0.2, 0.0, 0.0, 0.0])
    loss = (critic(torch.cat([images, rebuilt]).detach()) - share).square().sum() / 3
    expected = torch.autograd.grad(loss, list(critic.parameters()))
    torch.testing.assert_close(result, list(expected))
    assert images.grad.abs().sum() > 0
