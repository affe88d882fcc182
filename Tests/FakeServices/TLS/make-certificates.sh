#!/bin/sh
# Writes Certificates.swift beside this file: a certificate authority for tests and what it has signed.
# The keys are public and worth nothing. Run it again only to change what is in there: sh make-certificates.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir signed
: > index.txt
echo 1000 > serial
cat > ca.cnf <<'CNF'
[ca]
default_ca = tests
[tests]
database = index.txt
serial = serial
new_certs_dir = signed
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
CNF

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }

# authority NAME COMMON-NAME
authority() {
    key "$1"
    printf '[e]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n' \
        > "$1.ext"
    openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
    openssl ca -batch -notext -config ca.cnf -selfsign -keyfile "$1.key" -in "$1.csr" -out "$1.pem" \
        -extfile "$1.ext" -extensions e -startdate 20200101000000Z -enddate 21200101000000Z 2>/dev/null
}

# server NAME SUBJECT-ALT-NAMES END
server() {
    key "$1"
    printf '[e]\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=%s\n' "$2" > "$1.ext"
    openssl req -new -key "$1.key" -subj "/CN=sessiond test $1" -out "$1.csr"
    openssl ca -batch -notext -config ca.cnf -cert authority.pem -keyfile authority.key -in "$1.csr" -out "$1.pem" \
        -extfile "$1.ext" -extensions e -startdate 20200101000000Z -enddate "$3" 2>/dev/null
}

authority authority "sessiond test authority"
authority stranger "sessiond test stranger"
server localhost "DNS:localhost,IP:127.0.0.1,IP:::1" 21200101000000Z
server expired "DNS:localhost,IP:127.0.0.1" 20210101000000Z
server elsewhere "DNS:service.example" 21200101000000Z

literal() {
    printf '    %s static let %s = """\n' "$1" "$2"
    sed 's/^/        /' "$3"
    printf '        """\n'
}
{
    echo "// Written by make-certificates.sh. The keys are public: nothing may trust them but a test."
    echo
    echo "/// PEM of a certificate authority, and of server certificates that it has signed."
    echo "package enum FakeCertificates {"
    echo "    /// Signed all of those below."
    literal package authority authority.pem
    echo "    /// An authority that has signed none of them."
    literal package stranger stranger.pem
    for name in localhost expired elsewhere; do
        literal fileprivate "${name}Certificate" "$name.pem"
        literal fileprivate "${name}Key" "$name.key"
    done
    echo "}"
    echo
    echo "extension FakeTLS {"
    echo "    /// For localhost, 127.0.0.1 and ::1, until 2120."
    echo "    package static let localhost = FakeTLS("
    echo "        certificate: FakeCertificates.localhostCertificate, key: FakeCertificates.localhostKey)"
    echo "    /// For localhost, until 2021."
    echo "    package static let expired = FakeTLS("
    echo "        certificate: FakeCertificates.expiredCertificate, key: FakeCertificates.expiredKey)"
    echo "    /// For service.example, until 2120."
    echo "    package static let elsewhere = FakeTLS("
    echo "        certificate: FakeCertificates.elsewhereCertificate, key: FakeCertificates.elsewhereKey)"
    echo "}"
} > "$here/Certificates.swift"
