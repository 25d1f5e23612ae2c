# SPDX-License-Identifier: GPL-3.0-or-later
"""What several readers share: what is asked of what was read, and arrays with something wrong."""

import io
import zipfile

import numpy as np

_HEADER = "{'descr': %s, 'fortran_order': %s, 'shape': %s, }"
_TYPES = (
    "'<f4'",
    "'|O'",
    "'|V0'",
    "'<U0'",
    "'<M8[ns]'",
    "'<U500000000'",
    "[('a', '<f4')]",
    "'>f4'",
)
_TYPES += ("('<f4', (1000000000,))", "'<f4,|O'", "'<f4\\0'", "{'names': ['a'], 'formats': ['O']}")
_SHAPES = ("(1,)", "(2, 2, 4)", "()", "(-1,)", "(-1, -1)", "(0, 4611686018427387904)", "(True,)")
_SHAPES += (
    "(1,) * 9",
    "(%s)" % ("1, " * 70),
    "(" + "9" * 4000 + ",)",
    "(1.0,)",
    "(1+1j,)",
    "(1L,)",
)
_EXPRESSIONS = (
    "-" * 9000 + "1",
    "~" * 60_000 + "1",
    "[" * 5000,
    "(" * 300 + "1L",
    "1" + "+1" * 4800,
)
_EXPRESSIONS += (
    "{1:" * 4000,
    "''" * 4000,
    "\n\t x\n  y",
    "f'{1}'",
    "__import__('os')",
    "\0" * 50,
    "",
)


def require(sound, text):
    if not sound:
        raise RuntimeError(f"accepted, but {text}")


def damaged_arrays(random, arrays):
    arrays = dict(arrays)
    for _ in range(random.choice((1, 1, 3))):
        name = random.choice(list(arrays))
        array = arrays[name]
        changes = (
            lambda a: a.reshape(-1),
            lambda a: np.zeros((), np.float32),
            lambda a: a[..., :-1] if a.ndim else a,
            lambda a: a[:0] if a.ndim else a,
            lambda a: a[None],
            lambda a: a.T.copy(),
            lambda a: np.repeat(a, 2, 0) if a.ndim else a,
            lambda a: np.zeros((1,) * 30, np.float32),
            lambda a: a.astype(np.float64),
            lambda a: a.astype(np.float16),
            lambda a: a * np.float32(np.nan),
            lambda a: a * np.float32(1e30),
            lambda a: np.full(a.shape, 2.0**31, np.float32),
            lambda a: a.astype(np.int32),
        )
        if random.random() < 0.2:
            del arrays[name]
            return arrays or {"x": np.zeros(1, np.float32)}
        arrays[name] = np.ascontiguousarray(random.choice(changes)(array))
    return arrays


def odd_npy(random, blob):
    """A .npy file with a header that is none of NumPy's: it is an expression, and may be any."""
    text = random.choice((*_EXPRESSIONS, None, None, None))
    if text is None:
        order = random.choice(("False", "True", "1"))
        text = _HEADER % (random.choice(_TYPES), order, random.choice(_SHAPES))
    head = text.encode() + b"\n"
    version, width = random.choice(((1, 2), (2, 4), (3, 4)))
    length = random.choice((len(head), len(head), 2 ** (8 * width) - 1))
    length = min(length, 2 ** (8 * width) - 1)
    start = 10 + int.from_bytes(blob[8:10], "little")
    return (
        b"\x93NUMPY" + bytes((version, 0)) + length.to_bytes(width, "little") + head + blob[start:]
    )


def with_odd_header(random, data):
    """A zip of .npy files one of which has such a header."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = random.choice(list(members))
    members[name] = odd_npy(random, members[name])
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", random.choice((0, 0, 8, 12, 14))) as archive:
        for key, blob in members.items():
            archive.writestr(key, blob)
    return stream.getvalue()


def describe(path):
    from training.commands import describe as command

    text = command.describe(path)
    text.encode()
