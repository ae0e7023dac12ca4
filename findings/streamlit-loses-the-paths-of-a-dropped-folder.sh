#!/usr/bin/env bash
# Streamlit's uploader of a folder (accept_multiple_files="directory") is documented to keep relative paths. It does for
# a folder that is chosen in the dialog, but not for one that is dropped: its files arrive without their folders, so
# that two files of one name cannot be told apart. Seen with streamlit 1.67.0 and Chromium 156:
#   chosen: ['stamps/cat/1.txt', 'stamps/dog/1.txt']
#   dropped: ['1.txt', '1.txt']
# Needs a Chromium (CHROMIUM=path, /usr/bin/chromium by default). Exits with 1 if the behaviour changes.
set -euo pipefail
place=$(mktemp -d)
cd "$place"
trap 'kill $server 2>/dev/null || true; rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet streamlit==1.67.0 playwright==1.65.2
mkdir -p stamps/cat stamps/dog
echo one > stamps/cat/1.txt
echo two > stamps/dog/1.txt
cat > app.py <<'PY'
import streamlit as st
files = st.file_uploader("A folder", accept_multiple_files="directory", type=["txt"])
st.text(str(sorted(file.name for file in files)) if files else "none")
PY
"$place/venv/bin/streamlit" run app.py --server.headless true --server.port 8598 --server.address 127.0.0.1 \
    --browser.gatherUsageStats false > /dev/null 2>&1 &
server=$!
until curl --silent --fail --output /dev/null http://127.0.0.1:8598/_stcore/health; do sleep 0.2; done
cat > look.py <<'PY'
import os
import sys
from playwright.sync_api import expect, sync_playwright

folder = os.path.abspath("stamps")
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
    )
    seen = {}
    for way in ("chosen", "dropped"):
        page = browser.new_page()
        page.goto("http://127.0.0.1:8598")
        field = page.get_by_test_id("stFileUploaderDropzone")
        expect(field).to_be_visible(timeout=60_000)
        if way == "chosen":
            page.locator("input[type=file]").set_input_files(folder)
        else:
            box = field.bounding_box()
            devtools = page.context.new_cdp_session(page)
            data = {"items": [], "files": [folder], "dragOperationsMask": 1}
            for kind in ("dragEnter", "dragOver", "drop"):
                place = {"x": box["x"] + 20, "y": box["y"] + 20}
                devtools.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})
        text = page.get_by_test_id("stText")
        expect(text).to_contain_text("1.txt", timeout=60_000)
        expect(text).to_contain_text(", ", timeout=60_000)  # both files have arrived
        seen[way] = text.inner_text()
        print(f"{way}: {seen[way]}")
    browser.close()
expected = {"chosen": "['stamps/cat/1.txt', 'stamps/dog/1.txt']", "dropped": "['1.txt', '1.txt']"}
sys.exit(seen != expected)
PY
"$place/venv/bin/python" look.py
