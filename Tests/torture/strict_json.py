"""An independent strict JSON reader: Python's own, with the strictness of docs/protocol.md added.

Reads one text a line from standard input, in hexadecimal, after "socket " or "any " (which numbers are taken), and
answers each with a line: "refused", or the value in a form that any reader can make. Scalars are n, t, f, i and the
digits, d and the spelling, s and the UTF-8 in hexadecimal; arrays are [a,b]; objects are {name:value,...} with names in
hexadecimal and in order.
"""

import json
import sys
import unicodedata

SAFE = 2**53 - 1
MAX_DEPTH = 32
MAX_VALUES = 4096
MAX_MARKS = 256


class Refused(Exception):
    pass


class Number(str):
    """A number that is no 64-bit integer, as it was spelled."""


def refuse(constant):
    raise Refused(constant)


def pairs(members):
    # Names that Unicode holds equivalent count as the same.
    names = [unicodedata.normalize("NFC", name) for name, _ in members]
    if len(set(names)) != len(names):
        raise Refused("duplicate")
    return dict(members)


def decoder(socket):
    def integer(spelling):
        if len(spelling) > 20:
            if socket:
                raise Refused("range")
            return Number(spelling)
        value = int(spelling)
        if socket and abs(value) > SAFE:
            raise Refused("range")
        return value if -(2**63) <= value < 2**63 else Number(spelling)

    def real(spelling):
        if socket and float(spelling) in (float("inf"), float("-inf")):
            raise Refused("range")
        return Number(spelling)

    return json.JSONDecoder(object_pairs_hook=pairs, parse_constant=refuse, parse_int=integer, parse_float=real)


def text(value):
    run = 0
    for character in value:
        # Three scalars of Tibetan have no class of their own but decompose into marks.
        run = run + 1 if unicodedata.combining(character) or character in "\u0f73\u0f75\u0f81" else 0
        if run > MAX_MARKS:
            raise Refused("marks")
    return value.encode("utf-8").hex()  # raises for a lone surrogate


class Form:
    def __init__(self):
        self.values = 0

    def of(self, value, level):
        self.values += 1
        if self.values > MAX_VALUES:
            raise Refused("values")
        if isinstance(value, (list, dict)) and level > MAX_DEPTH:
            raise Refused("depth")
        if value is None:
            return "n"
        if value is True:
            return "t"
        if value is False:
            return "f"
        if isinstance(value, int):
            return f"i{value}"
        if isinstance(value, Number):
            return f"d{value}"
        if isinstance(value, str):
            return "s" + text(value)
        if isinstance(value, list):
            return "[" + ",".join(self.of(element, level + 1) for element in value) + "]"
        members = sorted((text(name), self.of(member, level + 1)) for name, member in value.items())
        return "{" + ",".join(f"{name}:{member}" for name, member in members) + "}"


DECODERS = {"socket": decoder(True), "any": decoder(False)}


def verdict(numbers, raw):
    try:
        return Form().of(DECODERS[numbers].decode(raw.decode("utf-8")), 1)
    except (ValueError, Refused, RecursionError):
        return "refused"


for line in sys.stdin:
    kind, _, hexadecimal = line.rstrip("\n").partition(" ")
    print(verdict(kind, bytes.fromhex(hexadecimal)))
