"""A .zip from a stranger: refused with a sentence, or read without touching the disk."""

import os
import stat
import zipfile
from pathlib import Path

import pytest
from data_files import picture, write_zip

from glico.data import archive, load_dataset
from glico.errors import GlicoError

GOOD = {f"{label}/{i}.png": picture(i) for label in ("a", "b") for i in range(3)}


def fails(path: Path) -> str:
    with pytest.raises(GlicoError) as caught:
        load_dataset(path, 16)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["/etc/x.png", "\\\\host\\x.png", "C:\\x.png", "c:x.png"])
def test_absolute_paths_are_refused(tmp_path, name):
    assert "absolute path" in fails(write_zip(tmp_path / "bad.zip", GOOD | {name: picture(1)}))


@pytest.mark.parametrize("name", ["../x.png", "a/../../x.png", "a\\..\\x.png", "__MACOSX/../../x.png"])
def test_paths_that_leave_the_archive_are_refused(tmp_path, name):
    assert "'..'" in fails(write_zip(tmp_path / "bad.zip", GOOD | {name: picture(1)}))


def test_symbolic_links_are_refused(tmp_path):
    path = write_zip(tmp_path / "bad.zip", GOOD)
    link = zipfile.ZipInfo("a/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(link, "/etc/passwd")
    assert "symbolic link 'a/link.png'" in fails(path)


def test_a_bomb_is_refused_before_it_unpacks(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a/1.bmp", bytes(archive.FREE_BYTES + 1))
    assert "decompression bomb" in fails(path)


def test_too_much_in_all_or_in_one_file_is_refused(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "large.zip", GOOD)
    big = write_zip(tmp_path / "big.zip", GOOD | {"a/9.png": bytes(1_200_000)})
    monkeypatch.setenv("GLICO_LIMIT_FILE_MIB", "1")
    assert "'a/9.png', has more than 1 MiB in one file of an archive, the limit; GLICO_LIMIT_FILE_MIB=N" in fails(big)
    monkeypatch.setenv("GLICO_LIMIT_UNPACKED_MIB", "1")
    assert "has more than 1 MiB when unpacked" in fails(big)
    load_dataset(path, 16)


def test_encrypted_and_damaged_archives_are_named(tmp_path):
    path = write_zip(tmp_path / "mine.zip", GOOD)
    content = path.read_bytes()
    flags = content.rindex(b"PK\x01\x02") + 8
    path.write_bytes(content[:flags] + b"\x01" + content[flags + 1 :])
    assert "is encrypted" in fails(path)
    middle = content.index(b"IDAT") + 20
    path.write_bytes(content[:middle] + bytes(50) + content[middle + 50 :])
    assert "a/0.png cannot be read as an image" in fails(path)
    path.write_bytes(content[: len(content) // 2])
    assert "is not a .zip file, or it is damaged" in fails(path)


def test_nothing_is_written(tmp_path, monkeypatch):
    path = write_zip(tmp_path / "mine.zip", GOOD)
    monkeypatch.chdir(tmp_path)
    load_dataset(path, 16)
    assert os.listdir(tmp_path) == ["mine.zip"]


@pytest.mark.parametrize("encoding", ["cp437", "cp850", "utf-8"])
def test_class_names_are_read_in_their_encoding(tmp_path, encoding):
    """Windows writes names without the UTF-8 flag: in western Europe in code page 850, else often in 437."""
    names = {"cp437": ["Größe", "niño", "α"], "cp850": ["Århus", "INFORMAÇÃO", "LEÓN", "São"], "utf-8": ["São", "α"]}
    written = {f"{name}/{row}.png".encode(encoding): row for row, name in enumerate(names[encoding])}
    stand_ins = {name: f"{'x' * (len(name) - 6)}/{row}.png" for name, row in written.items()}  # zipfile would flag it
    path = write_zip(tmp_path / "mine.zip", {stand_ins[name]: picture(row) for name, row in written.items()})
    content = path.read_bytes()
    for name, stand_in in stand_ins.items():
        content = content.replace(stand_in.encode(), name)
    path.write_bytes(content)
    assert sorted(load_dataset(path, 16).class_names) == sorted(names[encoding])
