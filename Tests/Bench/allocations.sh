#!/usr/bin/env bash
# The gate of `make test`: a read that a client repeats allocates nothing, in any build. It counts, and times nothing.
#
# usage: Tests/Bench/allocations.sh BUILD_FOLDER     the folder that holds sessiond and sessionctl
set -euo pipefail
build=${1:?give the folder of the built programs}
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
SESSIOND=$build/sessiond SESSIONCTL=$build/sessionctl BENCH_OUTPUT=$output BENCH_PARTS=allocations BENCH_STRICT=1 \
    timeout 300 "$(dirname -- "$0")/run.sh" | grep -E '^(allocations|session|server|pass|MISS)'
