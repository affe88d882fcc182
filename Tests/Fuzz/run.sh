#!/usr/bin/env bash
# Fuzzes a parser with libFuzzer and AddressSanitizer.
#
# usage: Tests/Fuzz/run.sh SECONDS [TARGET]
# Without a target each of them runs for that long. New inputs are kept in .build/fuzz/TARGET/corpus. A crash exits
# non-zero and leaves the input in .build/fuzz/TARGET/crash-*; run the fuzzer with that file as its argument to repeat it.
set -euo pipefail
cd "$(dirname "$0")/../.."

# A target NAME is Tests/Fuzz/NAMEFuzzer.swift, seeds in Tests/Fuzz/NAME, words (optional) in Tests/Fuzz/NAME.dict.
# The table says what is compiled with it, as one module, and the longest input.
declare -A sources=(
    [RequestLine]="Sources/SessionProtocol"
)
declare -A longest=(
    [RequestLine]=4096
)

seconds=${1:?usage: Tests/Fuzz/run.sh SECONDS [TARGET]}
targets=${2:-$(printf '%s\n' "${!sources[@]}" | sort)}

for target in $targets; do
    if [ -z "${sources[$target]:-}" ]; then
        echo "no target $target; there are: ${!sources[*]}" >&2
        exit 64
    fi
    folder=.build/fuzz/$target
    mkdir -p "$folder/corpus"
    # shellcheck disable=SC2046,SC2086 # Paths of this repository have no spaces.
    swiftc -O -swift-version 6 -sanitize=fuzzer,address -parse-as-library -package-name sessiond -module-name "$target" \
        -o "$folder/fuzzer" $(find ${sources[$target]} -name '*.swift') "Tests/Fuzz/${target}Fuzzer.swift"
    arguments=(-max_total_time="$seconds" -max_len="${longest[$target]}" -timeout=5 -rss_limit_mb=2048
        -print_final_stats=1 -artifact_prefix="$folder/")
    if [ -f "Tests/Fuzz/$target.dict" ]; then
        arguments+=(-dict="Tests/Fuzz/$target.dict")
    fi
    echo "fuzzing $target for $seconds s"
    "$folder/fuzzer" "${arguments[@]}" "$folder/corpus" "Tests/Fuzz/$target"
done
