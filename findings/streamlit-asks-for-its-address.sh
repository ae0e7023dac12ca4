#!/usr/bin/env bash
# Streamlit asks a server on the internet for this machine's address: at its start with --server.headless true, unless
# server.address names one interface; and whenever a page of another site opens a WebSocket, inside its event loop.
# The second is not in its documentation. Seen with streamlit 1.67.0:
#   at the start: checkip.amazonaws.com
#   after the WebSocket: checkip.amazonaws.com
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
cd "$place"  # beside no configuration of its own
trap 'kill $server 2>/dev/null || true; rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet streamlit==1.67.0
export PYTHONPATH="$place"
cat > "$place/sitecustomize.py" <<'PY'
import pathlib, sys
def hook(event, arguments):
    if event == "socket.getaddrinfo" and "checkip" in str(arguments[0]):
        with open(pathlib.Path(__file__).with_name("asked"), "a") as file:
            print(arguments[0], file=file)
sys.addaudithook(hook)
PY
echo 'import streamlit as st; st.write("hello")' > "$place/app.py"

start() {
    "$place/venv/bin/streamlit" run "$place/app.py" --server.headless true --server.port 8599 \
        --browser.gatherUsageStats false "$@" > /dev/null 2>&1 &
    server=$!
    until curl --silent --fail --output /dev/null http://127.0.0.1:8599/_stcore/health; do sleep 0.2; done
}

asked() { sort -u "$place/asked" 2> /dev/null || true; }

start
sleep 3
first=$(asked); echo "at the start: $first"
kill $server; wait $server 2> /dev/null || true; rm -f "$place/asked"

start --server.address 127.0.0.1
curl --silent --output /dev/null --max-time 10 --http1.1 -H "Connection: Upgrade" -H "Upgrade: websocket" \
    -H "Sec-WebSocket-Version: 13" -H "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" -H "Origin: http://elsewhere.example" \
    http://127.0.0.1:8599/_stcore/stream || true
second=$(asked); echo "after the WebSocket: $second"
[ "$first" = checkip.amazonaws.com ] && [ "$second" = checkip.amazonaws.com ]
