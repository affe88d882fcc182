#!/usr/bin/env bash
# Builds the fuzzer of the sealed envelope and of key files, with libFuzzer and AddressSanitizer, and prints its path.
#
# usage: Tests/Fuzz/build-sealed-envelope.sh && .build/fuzz/SealedEnvelope/fuzzer -max_len=512 -max_total_time=60 \
#            .build/fuzz/SealedEnvelope/corpus Tests/Fuzz/SealedEnvelope
# swift-crypto is taken as the package's debug build has left it: it is not what is under attack.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=.build/fuzz/SealedEnvelope
mkdir -p "$folder/corpus"
swift build --target SessionVault >&2

checkout=.build/checkouts/swift-crypto/Sources
crypto=(-I .build/debug/Modules)
for module in CCryptoBoringSSL CCryptoBoringSSLShims CXKCP CXKCPShims; do
    crypto+=(-Xcc "-fmodule-map-file=$checkout/$module/include/module.modulemap" -Xcc "-I$checkout/$module/include")
done

# The port is one file; the rest of SessionCore is not needed.
swiftc -O -swift-version 6 -parse-as-library -package-name sessiond -module-name SessionCore \
    -emit-module -emit-module-path "$folder/SessionCore.swiftmodule" -c -o "$folder/SessionCore.o" \
    Sources/SessionCore/Ports/SessionVaulting.swift

objects=$(find .build/debug/{Crypto,CryptoBoringWrapper,CCryptoBoringSSL,CCryptoBoringSSLShims,CXKCP,CXKCPShims}.build \
    -name '*.o')
# shellcheck disable=SC2086 # Paths of this repository have no spaces.
swiftc -O -swift-version 6 -use-ld=lld -sanitize=fuzzer,address -parse-as-library -package-name sessiond -module-name SealedEnvelopeFuzzer \
    -enable-upcoming-feature InternalImportsByDefault -I "$folder" "${crypto[@]}" -o "$folder/fuzzer" \
    Sources/SessionVault/Envelope/*.swift Sources/SessionVault/Keys/Key{Ring,FileFormat}.swift \
    Sources/SessionVault/Disk/Wiping.swift Tests/Fuzz/SealedEnvelopeFuzzer.swift \
    "$folder/SessionCore.o" $objects -lstdc++ >&2
echo "$folder/fuzzer"
