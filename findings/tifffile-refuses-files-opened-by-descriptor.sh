#!/usr/bin/env bash
# tifffile takes the name of an open file for its path. A file that os.fdopen (or open with an opener's descriptor)
# opened has an integer for a name, and TiffFile raises a TypeError, though the file can be read and sought; with the
# argument name it works. Its documentation asks for a seekable binary stream. Seen with tifffile 2026.3.3:
#   by descriptor: TypeError: expected str, bytes or os.PathLike object, not int
#   with a name: 1 page
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet tifffile==2026.3.3 numpy==2.4.6
cd "$place"
"$place/venv/bin/python" - > found <<'PY'
import os
import numpy, tifffile
tifffile.imwrite("image.tif", numpy.zeros((4, 4), numpy.uint8))
try:
    with os.fdopen(os.open("image.tif", os.O_RDONLY), "rb") as file:
        tifffile.TiffFile(file)
    print("by descriptor: no error")
except TypeError as error:
    print(f"by descriptor: TypeError: {error}")
with os.fdopen(os.open("image.tif", os.O_RDONLY), "rb") as file:
    print(f"with a name: {len(tifffile.TiffFile(file, name='image').pages)} page")
PY
cat found
[ "$(sed -n 1p found)" = "by descriptor: TypeError: expected str, bytes or os.PathLike object, not int" ]
[ "$(sed -n 2p found)" = "with a name: 1 page" ]
