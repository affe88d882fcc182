#!/usr/bin/env bash
# Runs JSONTestSuite (github.com/nst/JSONTestSuite) against the parser. Optional: it needs the network once.
#
# usage: Tests/torture/run.sh [FOLDER]
# FOLDER holds the suite's test_parsing/*.json. Without it the suite comes out of Debian's source package yyjson, which
# carries a copy, through apt-get and a package index of its own under .build/torture; the system's is left alone.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$PWD/.build/torture
mkdir -p "$work"

fetch() {
    mkdir -p "$work"/apt/{lists/partial,cache/archives/partial}
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${DEBIAN_MIRROR:-http://deb.debian.org/debian} trixie main" \
        > "$work/apt/sources.list"
    cat > "$work/apt/apt.conf" <<CONF
Dir::Etc::SourceList "$work/apt/sources.list";
Dir::Etc::SourceParts "-";
Dir::State::Lists "$work/apt/lists";
Dir::Cache "$work/apt/cache";
Acquire::Languages "none";
APT::Sandbox::User "";
CONF
    APT_CONFIG=$work/apt/apt.conf apt-get -qq update
    (cd "$work" && APT_CONFIG=$work/apt/apt.conf apt-get -qq source --download-only --tar-only yyjson)
    mkdir -p "$work/suite"
    tar -xf "$work"/yyjson_*.orig.tar.* -C "$work/suite" --strip-components=5 --wildcards \
        '*/test/data/json/test_parsing/*.json'
}

suite=${1:-$work/suite}
if [ $# -eq 0 ] && ! compgen -G "$suite/y_*.json" > /dev/null; then
    fetch
fi
swiftc -O -swift-version 6 -parse-as-library -package-name sessiond -module-name Judge -o "$work/judge" \
    $(find Sources/SessionProtocol -name '*.swift') Tests/torture/JudgeFiles.swift

"$work/judge" "$suite"/[yni]_*.json > "$work/verdicts"
# Stricter than the suite by design: a member twice in one object is refused. No number is refused for its size, and an
# object or array may be nested as deep as 128 levels; so those are the only verdicts on the i_ files that matter here.
awk '
    /^y_object_duplicated_key(_and_value)?\.json refused duplicateKey/ { strict++; next }
    /^y_.* accepted$/ || /^n_.* refused / { right++; next }
    /^i_number_.* accepted$/ { right++; next }
    /^i_(string|object_key)_.* refused notJSON/ { right++; next }
    /^i_structure_UTF-8_BOM_empty_object\.json refused notJSON/ { right++; next }
    /^i_structure_500_nested_arrays\.json refused tooDeep/ { right++; next }
    { print "wrong:", $0; wrong++ }
    END {
        printf "%d right, %d stricter by design, %d wrong\n", right, strict, wrong
        exit (wrong > 0 || right < 300)
    }' "$work/verdicts"
