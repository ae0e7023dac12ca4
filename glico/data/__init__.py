"""Data sets and the small samples that are drawn from them."""

from glico.data.catalogue import load_configured, load_dataset
from glico.data.dataset import Dataset, Sample
from glico.data.known import DATASETS
from glico.data.sample import configured_sample, small_sample

__all__ = ["DATASETS", "Dataset", "Sample", "configured_sample", "load_configured", "load_dataset", "small_sample"]
