#!/usr/bin/env bash
# Talks to the built daemon with JSON-RPC clients that others have written.
#
# usage: Tests/foreign/run.sh [BUILD_FOLDER]     the folder that holds sessiond; .build/debug where left out
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${1:-$root/.build/debug}
venv=$root/.build/foreign-clients

if [ ! -x "$build/sessiond" ]; then
    echo "foreign: $build/sessiond is not there: build it with \`swift build\`" >&2
    exit 2
fi
# A half-made environment has no stamp and is made again.
stamp=$venv/$(sha256sum "$here/requirements.txt" | cut -c1-16)
if [ ! -e "$stamp" ]; then
    rm -rf "$venv"
    if ! python3 -m venv "$venv"; then
        echo "foreign: python3 cannot make a virtual environment: install Debian's python3-venv" >&2
        exit 2
    fi
    if ! "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"; then
        echo "foreign: pip cannot install the clients: check that a package index can be reached" >&2
        exit 2
    fi
    touch "$stamp"
fi
exec timeout 120 "$venv/bin/python" "$here/main.py" "$build"
