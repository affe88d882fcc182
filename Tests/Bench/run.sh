#!/bin/sh
# Measures a release build beside a floor built here, and beside Redis and oidc-agent where they are installed:
# docs/performance.md says what and how.
#
# SESSIOND and SESSIONCTL name the two programs, CLIENT_BENCH the one that measures the client library, which the part
# `client` needs. BENCH_MILLISECONDS (800) and BENCH_ROUNDS (5) set how long each cell runs and how often, BENCH_SECONDS
# (10) how long a daemon at rest is watched; BENCH_PARTS names the parts to run (all); BENCH_OUTPUT (.build/bench) is
# where the built tools and result.json go; with BENCH_STRICT=1 a missed aim fails the run.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
: "${SESSIOND:?give the path of the sessiond to measure}" "${SESSIONCTL:?give the path of the sessionctl to measure}"
output=${BENCH_OUTPUT:-"$here/../../.build/bench"}

compiler=${CC:-$(command -v cc || command -v clang || command -v gcc || true)}
[ -n "$compiler" ] || { echo "bench: no C compiler found; install gcc or put Swift's clang in PATH" >&2; exit 1; }
command -v python3 >/dev/null || { echo "bench: python3 is missing; install it" >&2; exit 1; }

mkdir -p "$output"
compile() { "$compiler" -O2 -std=gnu11 -Wall -Wextra -Werror "$@"; }
for tool in floor load connect start commands fanout upstream; do
    compile -o "$output/$tool" "$here/tools/$tool.c"
done
compile -shared -fPIC -o "$output/allocations.so" "$here/tools/allocations.c" -ldl
exec python3 -B "$here/bench.py" --tools "$output" --result "$output/result.json"
