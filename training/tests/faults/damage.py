# SPDX-License-Identifier: GPL-3.0-or-later
"""How inputs are damaged: bytes of valid files, values of valid trees; all from one seed."""

import json

DEEP = "\0deep\0"  # stands for lists in lists without end, which `json.dumps` could not write
_NUMBERS = (0, 1, -1, -7, 2**31, 2**63, 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"))
_TEXTS = ("", "x", "x" * 5000, "\ud800", "\0", "../../x", "/etc/passwd", "C:\\x", "\x1b[31m", "1")
_BYTES = (b"\0", b"\xff", b"\x80", b"[", b"{", b"}", b"\n", b" ", b"-", b"9", b"e", b"\xed\xa0\x80")


def value(random):
    """Some JSON-like value that nobody expects."""
    kinds = (
        lambda: random.choice(_NUMBERS),
        lambda: random.choice(_TEXTS),
        lambda: random.choice((None, True, False)),
        lambda: random.choice(([], {}, [[]], {"": {}}, [None], [0, [1, [2]]])),
        lambda: [random.choice(_NUMBERS)] * random.choice((1, 3, 26, 1000)),
        lambda: {random.choice(_TEXTS): random.choice(_NUMBERS)},
        lambda: DEEP,
    )
    return random.choice(kinds)()


def tree(random, whole):
    """A copy of a JSON-like tree with one to three of its nodes damaged."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        whole = _damaged(random, whole)
    return whole


def _damaged(random, node):
    inside = isinstance(node, (dict, list)) and len(node)
    if not inside or random.random() < 0.15:
        return value(random)
    node = dict(node) if isinstance(node, dict) else list(node)
    keys = list(node) if isinstance(node, dict) else range(len(node))
    key = random.choice(keys)
    how = random.random()
    if how < 0.15:
        del node[key]
    elif how < 0.25 and isinstance(node, dict):
        node[random.choice(_TEXTS)] = node.pop(key)
    elif how < 0.3 and isinstance(node, list):
        node += node * random.choice((1, 2, 50))
    else:
        node[key] = _damaged(random, node[key])
    return node


def json_bytes(random, whole):
    """JSON of a tree in UTF-8, with what JSON cannot hold smuggled in, sometimes damaged."""
    text = json.dumps(whole, ensure_ascii=random.random() < 0.5)
    depth = random.choice((100, 900, 3000, 100_000))
    opening, closing = random.choice((("[", "]"), ('{"a":', "}")))
    deep = opening * depth + "1" + closing * random.choice((depth, 0))
    text = text.replace(json.dumps(DEEP), deep).replace(json.dumps(DEEP)[1:-1], "deep")
    return text.encode("utf-8", random.choice(("replace", "surrogatepass")))


def blob(random, data):
    """A copy of some bytes with a few changes: bits, runs, lengths, repetitions, numbers."""
    data = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        place = random.randrange(len(data) + 1)
        how = random.randrange(8)
        if how == 0 and place < len(data):
            data[place] ^= 1 << random.randrange(8)
        elif how == 1 and place < len(data):
            data[place] = random.randrange(256)
        elif how == 2:
            del data[place:]
        elif how == 3:
            del data[place : place + random.choice((1, 2, 8, 100))]
        elif how == 4:
            data[place:place] = random.choice(_BYTES) * random.choice((1, 2, 8, 1000))
        elif how == 5:
            piece = data[place : place + random.choice((4, 40, 400))]
            data[place:place] = piece * random.choice((1, 2, 20))
        elif how == 6:
            number = random.choice((b"\xff" * 4, b"\x7f" + b"\xff" * 7, b"\0" * 8, b"999999999"))
            data[place : place + len(number)] = number
        else:
            other = random.randrange(len(data) + 1)
            data[place : place + 16] = data[other : other + 16]
    return bytes(data)
