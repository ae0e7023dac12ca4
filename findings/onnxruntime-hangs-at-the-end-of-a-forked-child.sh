#!/usr/bin/env bash
# A child that is forked from a process which has imported onnxruntime, and which uses nothing of it, never ends: it has
# run everything, and waits for a futex while the libraries are unloaded. os._exit ends it; sys.exit does not.
# Its documentation does not mention forks. Seen with onnxruntime 1.32.0 on Linux:
#   with onnxruntime imported: the child hangs
#   without it: the child ends
# Exits with 1 if that changes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet onnxruntime==1.32.0
cat > "$place/fork.py" <<'PY'
import os, signal, sys, time
if sys.argv[1] == "with":
    import onnxruntime
child = os.fork()
if child == 0:
    sys.exit(0)
for _ in range(100):
    if os.waitpid(child, os.WNOHANG)[0]:
        print("the child ends")
        break
    time.sleep(0.1)
else:
    os.kill(child, signal.SIGKILL)
    print("the child hangs")
PY
with=$("$place/venv/bin/python" "$place/fork.py" with); echo "with onnxruntime imported: $with"
without=$("$place/venv/bin/python" "$place/fork.py" without); echo "without it: $without"
[ "$with" = "the child hangs" ] && [ "$without" = "the child ends" ]
