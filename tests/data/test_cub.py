"""CUB-200-2011 through an archive with the published one's layout, in miniature."""

import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from data_files import encoded

from glico.data import DATASETS, load_dataset, small_sample
from glico.errors import GlicoError

CLASSES = ("001.Black_footed_Albatross", "002.Laysan_Albatross")
FILES = {i: f"{CLASSES[i % 2]}/Bird_{i:04d}.jpg" for i in range(1, 13)}
TRAINS = {i: i not in (3, 4, 9) for i in FILES}
BOXES = dict.fromkeys(FILES, (10.0, 20.0, 30.5, 12.0))


def photograph(number: int) -> np.ndarray:
    """80 x 60, of one colour but for the box, which is white."""
    pixels = np.full((60, 80, 3), [10 * number, 0, 0], dtype=np.uint8)
    pixels[20:32, 10:41] = 255
    return pixels


@pytest.fixture
def cache(own_places: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache, with the archive put there by hand."""
    texts = {
        "images.txt": (f"{i} {name}" for i, name in FILES.items()),
        "image_class_labels.txt": (f"{i} {i % 2 + 1}" for i in FILES),
        "train_test_split.txt": (f"{i} {int(TRAINS[i])}" for i in FILES),
        "bounding_boxes.txt": (f"{i} {' '.join(map(str, box))}" for i, box in BOXES.items()),
        "classes.txt": (f"{n} {name}" for n, name in enumerate(CLASSES, 1)),
        "README": ("not needed",),
    }
    files = {f"CUB_200_2011/{name}": "\n".join(lines).encode() + b"\n" for name, lines in texts.items()}
    files |= {f"CUB_200_2011/images/{name}": encoded(photograph(i), "PNG") for i, name in FILES.items()}
    cache = own_places / "cache"
    cache.mkdir()
    with tarfile.open(cache / "CUB_200_2011.tgz", "w:gz") as tar:
        for name, content in {"attributes.txt": b"1 has_bill", **files}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    digest = hashlib.md5((cache / "CUB_200_2011.tgz").read_bytes()).hexdigest()
    monkeypatch.setattr("glico.data.known.cub.MD5", digest)
    return cache


def test_images_labels_and_split_are_the_published_ones(cache: Path) -> None:
    data = load_dataset("cub200", 64)
    assert data.class_names == ("Black footed Albatross", "Laysan Albatross")
    train = [i for i in FILES if TRAINS[i]]
    assert data.train_ids is not None
    assert data.train_ids.tolist() == train
    assert data.train_labels.tolist() == [i % 2 for i in train]
    assert data.test_labels.tolist() == [1, 0, 1]
    assert data.train_names[0] == FILES[1]
    assert data.train_images.shape == (9, 64, 64, 3)
    assert data.test_images[0, 0, 0].tolist() == [30, 0, 0]
    assert DATASETS["cub200"].is_available()
    assert sorted(path.name for path in cache.iterdir()) == ["CUB_200_2011"], "the archive makes room"
    assert load_dataset("cub200").image_shape == (256, 256, 3)


def test_the_box_is_cut_out_first_where_it_is_asked_for(cache: Path) -> None:
    boxed = load_dataset("cub200-boxes", 16, "rgb")
    assert (boxed.train_images == 255).all()
    assert (load_dataset("cub200", 16, "rgb").train_images != 255).any()


def test_it_is_fetched_only_when_allowed_and_damage_is_said(cache: Path) -> None:
    load_dataset("cub200", 16)
    (cache / "CUB_200_2011" / "train_test_split.txt").write_text("1 1\n")
    with pytest.raises(GlicoError, match="is damaged in"):
        load_dataset("cub200", 16)
    (cache / "CUB_200_2011").rename(cache / "elsewhere")
    with pytest.raises(GlicoError, match=r"--download, 1\.1 GB"):
        load_dataset("cub200", 16)


def test_class_may_lack_one_image(cache: Path) -> None:
    """The published split has such classes."""
    data = load_dataset("cub200", 16)
    assert np.bincount(data.train_labels).tolist() == [5, 4]
    assert np.bincount(small_sample(data, 5, 0).labels).tolist() == [5, 4]
    with pytest.raises(GlicoError, match="too few training images for 6"):
        small_sample(data, 6, 0)


def test_a_published_split_is_honoured(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "split.txt").write_text("".join(f"{i} {int(i in (1, 2, 6, 7))}\n" for i in FILES))
    data = load_dataset("cub200", 16)
    sample = small_sample(data, 2, 0, index_file=str(tmp_path / "split.txt"))
    assert data.train_ids is not None
    assert data.train_ids[sample.indices].tolist() == [2, 6, 1, 7]
    assert sample.labels.tolist() == [0, 0, 1, 1]
    (tmp_path / "split.txt").write_text("1 1\n3 1\n")
    with pytest.raises(GlicoError, match="line 2: image 3 is not in the training"):
        small_sample(data, 2, 0, index_file=str(tmp_path / "split.txt"))
