"""CIFAR and ciFAIR through torchvision's own format: a miniature of the archive, served from this machine."""

import functools
import hashlib
import http.server
import io
import pickle
import tarfile
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest

from glico.data import DATASETS, load_dataset
from glico.data.known.cifar import cifar_reader
from glico.errors import GlicoError

NAMES = {"10": ["plane", "car"], "100": ["apple", "bear"]}


def batch(seed: int, count: int, key: str) -> bytes:
    pixels = np.random.RandomState(seed).randint(0, 256, (count, 3072), dtype=np.uint8)
    return pickle.dumps({"data": pixels, key: [i % 2 for i in range(count)]})


def pack(path: Path, files: dict[str, bytes]) -> None:
    """An archive of the kind that the name says."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


@pytest.fixture(params=["cifar10", "cifar100", "cifair10", "cifair100"])
def published(request, tmp_path, monkeypatch):
    """A web server with a tiny archive, whose address and checksums torchvision's reader is told; an empty cache."""
    name = request.param
    reader = cifar_reader(name)
    monkeypatch.setattr("glico.data.known.cifar.cifar_reader", lambda _: reader)
    label_key = "labels" if name.endswith("r10") else "fine_labels"
    files = {file: batch(i, 4, label_key) for i, (file, _) in enumerate(reader.train_list + reader.test_list)}
    files[reader.meta["filename"]] = pickle.dumps({reader.meta["key"]: NAMES[digits(name)]})
    site = tmp_path / "site"
    site.mkdir()
    pack(site / reader.filename, {f"{reader.base_folder}/{file}": content for file, content in files.items()})

    def md5(content: bytes) -> str:
        return hashlib.md5(content).hexdigest()

    for part in ("train_list", "test_list"):
        monkeypatch.setattr(reader, part, [[file, md5(files[file])] for file, _ in getattr(reader, part)])
    monkeypatch.setattr(reader, "meta", reader.meta | {"md5": md5(files[reader.meta["filename"]])})
    monkeypatch.setattr(reader, "tgz_md5", md5((site / reader.filename).read_bytes()))
    monkeypatch.setenv("GLICO_CACHE", str(tmp_path / "cache"))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    monkeypatch.setattr(reader, "url", f"http://127.0.0.1:{server.server_port}/{reader.filename}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield name, site / reader.filename, tmp_path / "cache", server
    server.shutdown()
    thread.join()
    server.server_close()


def digits(name: str) -> str:
    return name.lstrip("cifar")


def leftovers(cache: Path) -> list[str]:
    return [path.name for path in cache.iterdir() if path.name.startswith(".")] if cache.exists() else []


def fails(name: str, **options: bool) -> str:
    with pytest.raises(GlicoError) as caught:
        load_dataset(name, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_it_is_fetched_only_when_allowed_and_kept(published):
    name, archive, cache, server = published
    message = fails(name)
    assert "--download" in message
    assert str(cache) in message
    assert not DATASETS[name].is_available()
    seen = []
    data = load_dataset(name, download=True, progress=lambda fraction, text: seen.append((fraction, text)))
    assert seen[-1][0] == 1.0
    assert f"downloading {archive.name}" in seen[-1][1]
    assert DATASETS[name].is_available()
    assert leftovers(cache) == []
    server.shutdown()
    again = load_dataset(name)
    np.testing.assert_array_equal(again.train_images, data.train_images)
    assert load_dataset(name, 16, "grey").image_shape == (16, 16, 1)


def test_images_and_labels_are_the_published_ones(published):
    name = published[0]
    data = load_dataset(name, download=True)
    batches = 5 if digits(name) == "10" else 1
    assert data.train_images.shape == (4 * batches, 32, 32, 3)
    assert data.class_names == tuple(NAMES[digits(name)])
    assert data.test_labels.tolist() == [0, 1, 0, 1]
    flat = np.random.RandomState(batches).randint(0, 256, (4, 3072), dtype=np.uint8)
    np.testing.assert_array_equal(data.test_images, flat.reshape(4, 3, 32, 32).transpose(0, 2, 3, 1))


def test_an_archive_put_there_by_hand_is_enough(published):
    name, archive, cache, server = published
    server.shutdown()
    cache.mkdir()
    (cache / archive.name).write_bytes(archive.read_bytes())
    assert len(load_dataset(name).test_labels) == 4


def test_a_download_that_fails_or_arrives_damaged_leaves_nothing(published):
    name, archive, cache, server = published
    archive.write_bytes(archive.read_bytes()[:-10])
    assert "arrived damaged" in fails(name, download=True)
    archive.unlink()
    assert "could not be downloaded" in fails(name, download=True)
    server.shutdown()
    server.server_close()
    assert "check network and disk" in fails(name, download=True)
    assert leftovers(cache) == []
    assert not DATASETS[name].is_available()


def test_a_damaged_cache_is_said(published):
    name, _, cache, _ = published
    load_dataset(name, download=True)
    (folder,) = cache.iterdir()
    with next(folder.iterdir()).open("ab") as file:
        file.write(b"x")
    assert "is damaged in" in fails(name)
