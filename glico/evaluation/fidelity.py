"""How close generated images are to real ones, from what a feature network sees in both; by torch-fidelity."""

from dataclasses import dataclass

from torch import Tensor

from glico.errors import GlicoError, how_to_get

NEIGHBOURS = 3  # of Kynkäänniemi et al. (2019)
BLOCK, BLOCKS = 1000, 100  # KID's: at most so many images each, and never more than half of them; and how many
SMALLEST = NEIGHBOURS + 1
CHUNK = 1000  # images whose distances to all others are in memory at once


@dataclass(frozen=True)
class Fidelity:
    """``distance``: Fréchet's, between the Gaussians with both sets' means and covariances (Heusel et al., 2017 [1]).

    ``kernel_distance``: the mean over random blocks of the squared maximum mean discrepancy, cubic kernel, which does
    not depend on the number of images (Bińkowski et al., 2018); ``kernel_deviation`` is its deviation over them.
    ``precision``: share of the generated images within the real ones' neighbourhoods, that is nearer to one than its
    own third nearest neighbour; ``recall``: the same with both exchanged (Kynkäänniemi et al., 2019, Eq. 2).
    """

    distance: float
    kernel_distance: float
    kernel_deviation: float
    precision: float
    recall: float


def fidelity(generated: Tensor, real: Tensor, seed: int = 0) -> Fidelity:
    """Compare features (n, f) of generated with (m, f) of real images; ``seed`` draws KID's blocks.

    Raises GlicoError where torch-fidelity is missing or either set has fewer than SMALLEST images.
    """
    try:
        from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
        from torch_fidelity.metric_kid import kid_features_to_metric
        from torch_fidelity.metric_prc import prc_features_to_metric
    except ImportError as error:
        raise GlicoError(f"Fidelity is measured with torch-fidelity: {how_to_get('fidelity')}.") from error
    fewest = min(len(generated), len(real))
    if fewest < SMALLEST:
        raise GlicoError(f"Fidelity needs at least {SMALLEST} generated and as many real images, not {fewest}.")
    statistics = (fid_features_to_statistics(features.double()) for features in (generated, real))
    distance = fid_statistics_to_metric(*statistics, verbose=False)
    blocks = {"kid_subsets": BLOCKS, "kid_subset_size": min(BLOCK, fewest // 2), "rng_seed": seed, "verbose": False}
    kernel = kid_features_to_metric(generated.double(), real.double(), **blocks)
    memory = {"save_cpu_ram": True, "prc_batch_size": CHUNK}
    within = prc_features_to_metric(generated, real, prc_neighborhood=NEIGHBOURS, verbose=False, **memory)
    return Fidelity(
        distance["frechet_inception_distance"],
        kernel["kernel_inception_distance_mean"],
        kernel["kernel_inception_distance_std"],
        within["precision"],
        within["recall"],
    )
