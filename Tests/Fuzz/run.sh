#!/usr/bin/env bash
# Fuzzes a parser with libFuzzer and AddressSanitizer.
#
# usage: Tests/Fuzz/run.sh SECONDS [TARGET]
# Without a target each of them runs for that long. New inputs are kept in .build/fuzz/TARGET/corpus. A crash exits
# non-zero and leaves the input in .build/fuzz/TARGET/crash-*; run the fuzzer with that file as its argument to repeat it.
set -euo pipefail
cd "$(dirname "$0")/../.."

# A target NAME is Tests/Fuzz/NAMEFuzzer.swift, seeds in Tests/Fuzz/NAME, words (optional) in Tests/Fuzz/NAME.dict.
# The table says how it is built, to .build/fuzz/NAME/fuzzer, and its longest input.
declare -A build=(
    [RequestLine]="one_module RequestLine Sources/SessionProtocol"
    [SealedEnvelope]="Tests/Fuzz/build-sealed-envelope.sh"
)
declare -A longest=(
    [RequestLine]=4096
    [SealedEnvelope]=512
)

# one_module TARGET FOLDER : the folder's sources and the fuzzer as one module.
one_module() {
    # shellcheck disable=SC2046 # Paths of this repository have no spaces.
    swiftc -O -swift-version 6 -use-ld=lld -sanitize=fuzzer,address -parse-as-library -package-name sessiond -module-name "$1" \
        -o ".build/fuzz/$1/fuzzer" $(find "$2" -name '*.swift') "Tests/Fuzz/${1}Fuzzer.swift"
}

seconds=${1:?usage: Tests/Fuzz/run.sh SECONDS [TARGET]}
targets=${2:-$(printf '%s\n' "${!build[@]}" | sort)}

for target in $targets; do
    if [ -z "${build[$target]:-}" ]; then
        echo "no target $target; there are: ${!build[*]}" >&2
        exit 64
    fi
    folder=.build/fuzz/$target
    mkdir -p "$folder/corpus"
    if ! ${build[$target]} > "$folder/build.log" 2>&1; then
        tail -40 "$folder/build.log" >&2
        exit 1
    fi
    arguments=(-max_total_time="$seconds" -max_len="${longest[$target]}" -timeout=5 -rss_limit_mb=2048
        -print_final_stats=1 -verbosity=0 -artifact_prefix="$folder/")
    if [ -f "Tests/Fuzz/$target.dict" ]; then
        arguments+=(-dict="Tests/Fuzz/$target.dict")
    fi
    if ! "$folder/fuzzer" "${arguments[@]}" "$folder/corpus" "Tests/Fuzz/$target" > "$folder/log" 2>&1; then
        tail -40 "$folder/log" >&2
        echo "fuzz $target: failed; the input is in $folder" >&2
        exit 1
    fi
    awk -v target="$target" -v seconds="$seconds" '/number_of_executed_units/ { runs = $2 }
        END { print "fuzz " target ": " runs " inputs in " seconds " s, no crash" }' "$folder/log"
done
