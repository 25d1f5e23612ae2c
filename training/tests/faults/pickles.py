# SPDX-License-Identifier: GPL-3.0-or-later
"""Pickles written opcode by opcode, from pieces that alone are allowed and together should not be.

Nothing here calls `pickle.dumps` on the hostile parts: what is forged cannot be had as an object.
"""

import pickle
import struct

_GLOBALS = (
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy.core.numeric", "_frombuffer"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("collections", "OrderedDict"),
    ("_codecs", "encode"),
    ("os", "system"),
    ("builtins", "eval"),
    ("numpy", "load"),
    ("torch._utils", "_rebuild_tensor_v2"),
)
_LENGTHS = (0, 1, 8, 255, 2**31 - 1, 2**32 - 1, 2**62)
_DTYPES = (b"f8", b"f4", b"i8", b"O", b"O8", b"V8", b"S4", b"M8[ns]", b"f8,O", b"2147483647V")


def name(module, attribute):
    """The opcode that finds a global."""
    return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"


def text(data):
    """A short text."""
    return b"X" + struct.pack("<I", len(data)) + data


def number(value):
    """A whole number of 32 bits."""
    return b"J" + struct.pack("<i", value)


def dtype(code, flags=None):
    """A dtype, and what its BUILD would set: byte order, shape, fields, size, flags."""
    made = name("numpy", "dtype") + text(code) + number(0) + number(1) + b"\x87R"
    if flags is None:
        return made
    state = b"(" + number(3) + text(b"|") + b"NNN" + number(8) + number(1) + number(flags) + b"t"
    return made + state + b"b"


def array(shape, kind, raw):
    """An array of a forged dtype, shape and content."""
    made = name("numpy.core.multiarray", "_reconstruct") + name("numpy", "ndarray")
    made += number(0) + b"\x85" + b"C\x01b" + b"\x87R"
    sizes = b"(" + b"".join(number(size) for size in shape) + b"t"
    return made + b"(" + number(1) + sizes + kind + b"\x89" + raw + b"tb"


def _raw(data):
    return b"B" + struct.pack("<I", len(data)) + data


def _piece(random):
    """Opcodes that leave something on the stack, or should not be there."""
    length = random.choice(_LENGTHS)
    pieces = (
        lambda: name(*random.choice(_GLOBALS)),
        lambda: dtype(random.choice(_DTYPES), random.choice((None, 0, 63, 27))),
        lambda: array(
            random.choice(((1,), (2, 2), (2**30, 2**30), (0,), (-1,))),
            dtype(random.choice(_DTYPES), random.choice((None, 0, 63))),
            random.choice((_raw(b"\x41" * 8), _raw(b""), b"]", b"N", text(b"\xc3\xbf" * 8))),
        ),
        lambda: number(random.choice((0, 1, -1, 2**31 - 1))),
        lambda: b"\x8e" + struct.pack("<Q", length) + b"x" * min(length, 8),  # BINBYTES8
        lambda: b"\x96" + struct.pack("<Q", length) + b"x" * min(length, 8),  # BYTEARRAY8
        lambda: b"\x8d" + struct.pack("<Q", length) + b"x" * min(length, 8),  # BINUNICODE8
        lambda: b"\x8b" + struct.pack("<i", min(length, 2**31 - 1)) + b"\x01" * 8,  # LONG4
        lambda: b"I" + b"9" * random.choice((5, 5000)) + b"\n",
        lambda: b"L" + b"9" * random.choice((5, 5000)) + b"L\n",
        lambda: b"r" + struct.pack("<I", min(length, 2**32 - 1)),  # LONG_BINPUT
        lambda: b"j" + struct.pack("<I", random.choice((0, 1, 2**31))),  # LONG_BINGET
        lambda: b"\x95" + struct.pack("<Q", length),  # FRAME
        lambda: random.choice((b"N", b"]", b"}", b")", b"(", b"\x8f", b"\x88", b"G" + b"\x7f" * 8)),
        lambda: b")" + b"\x85" * random.choice((10, 100_000)),  # a tuple in a tuple in ...
    )
    return random.choice(pieces)()


_JOINING = (
    b"\x85",
    b"\x86",
    b"\x87",
    b"t",
    b"l",
    b"d",
    b"R",
    b"b",
    b"s",
    b"a",
    b"e",
    b"u",
    b"\x81",
)
_MORE = (
    b"2",
    b"0",
    b"1",
    b"q\x00",
    b"h\x00",
    b"\x94",
    b"\x90",
    b"\x91",
    b"\x92",
    b"o",
    b"Q",
    b"\x97",
)


def program(random):
    """A pickle of random pieces."""
    parts = [b"\x80" + bytes([random.choice((2, 2, 4, 5))])]
    for _ in range(random.randrange(1, 12)):
        parts.append(_piece(random))
        parts += random.choices(_JOINING + _MORE, k=random.randrange(3))
    return b"".join(parts) + b"."


def take_with(random, damaged):
    """A take one of whose entries is forged. damaged: the take as `pickle.dumps` takes it."""
    data = pickle.dumps(damaged, protocol=random.choice((0, 2, 4, 5)))
    if random.random() < 0.5:
        return data
    entry = b"}" + text(b"S") + b"}("
    for key in (b"offsets", b"parents", b"rot_local"):
        entry += text(key) + _piece(random)
    return b"\x80\x02" + entry + b"us."
