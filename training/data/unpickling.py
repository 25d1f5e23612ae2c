# SPDX-License-Identifier: GPL-3.0-or-later
"""Pickles of containers and arrays, read without running anything in them.

A pickle is a program. This runs it on Python's own machine, written in Python, less the opcodes
that we never need, and with stand-ins for NumPy's: a pickle never gets hold of a real dtype,
whose ``__setstate__`` can make it take bytes for pointers, nor of a real array before shape,
type and number of bytes are known to agree. What it may hold is text, numbers, bytes, lists,
tuples, dictionaries with plain keys, and arrays of real numbers.
"""

from __future__ import annotations

import io
import math
import pickle
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.networks.untrusted import read_bytes

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any


_MOST_BYTES = 2**30  # of a file: about a day of motion
_MOST_DIGITS = 100  # of a whole number
_MOST_AXES = 8
_TYPES = {f"{kind}{size}" for kind in "iuf" for size in (1, 2, 4, 8)} - {"f1"} | {"b1", "?"}
_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMERIC = ("numpy.core.numeric", "numpy._core.numeric")
_OPCODES = (
    "PROTO FRAME STOP MARK POP POP_MARK DUP NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG "
    "LONG1 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE SHORT_BINUNICODE "
    "BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 EMPTY_LIST APPEND APPENDS LIST EMPTY_TUPLE "
    "TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_DICT DICT SETITEM SETITEMS GLOBAL STACK_GLOBAL REDUCE BUILD "
    "BYTEARRAY8 PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET"
).split()


def read_pickle(path: Path | str) -> Any:
    """What a pickle holds, if that is containers and arrays; ValueError for anything else."""
    try:
        data = read_bytes(path, _MOST_BYTES)
        return _Unpickler(io.BytesIO(data), encoding="latin1").load()
    except (MemoryError, OSError):
        raise
    except Exception as error:  # damaged pickles raise whatever the damage leads to
        text = repr(str(error)[:200])[1:-1] or type(error).__name__
        raise ValueError(
            f"Expected a pickle of containers and arrays, got {path}: {text}."
        ) from error


class _Global:
    """A stand-in for something that a pickle may name. make: what calling it does."""

    __slots__ = ("make", "name")

    def __init__(self, name, make):
        self.name, self.make = name, make


class _Type:
    """A dtype in the making: only its byte order can be set."""

    __slots__ = ("code", "order")

    def __init__(self, code, *_):
        code = code.decode("ascii") if isinstance(code, bytes) else code
        if not isinstance(code, str) or code.lstrip("<>=|") not in _TYPES:
            raise _refusal(f"a type of array that is none of real numbers: {code!r:.40}")
        self.code, self.order = code.lstrip("<>=|"), code[0] if code[0] in "<>=|" else "="

    def build(self, state: Any) -> None:
        """What pickle hands to ``dtype.__setstate__``: version, byte order, and no more."""
        order = state[1] if isinstance(state, tuple) and len(state) > 1 else None
        order = order.decode("ascii") if isinstance(order, bytes) else order
        plain = all(part in (None, -1, 0) for part in state[2:])
        if order not in ("<", ">", "=", "|") or not plain:
            raise _refusal("a forged type of array")
        self.order = order

    @property
    def dtype(self) -> np.dtype:
        """The real one."""
        return np.dtype(("=" if self.order == "|" else self.order) + self.code)


class _Array:
    """An array in the making. value: the finished one, None before its BUILD."""

    __slots__ = ("value",)

    def __init__(self, value=None):
        self.value = value

    def build(self, state: Any) -> None:
        """What pickle hands to ``ndarray.__setstate__``: version, shape, dtype, order, bytes."""
        if not isinstance(state, tuple) or len(state) != 5 or self.value is not None:
            raise _refusal("a forged array")
        _, shape, kind, fortran, raw = state
        self.value = _array(raw, kind, shape, "F" if fortran else "C")


def _array(raw, kind, shape, order):
    """Bytes as an array of a `_Type`, if they are as many as its shape says."""
    raw = raw.encode("latin1") if isinstance(raw, str) else raw  # how Python 2 wrote bytes
    if not isinstance(kind, _Type) or not isinstance(raw, bytes):
        raise _refusal("an array of objects, which could run code")
    if not isinstance(shape, tuple) or len(shape) > _MOST_AXES:
        raise _refusal("an array without a shape")
    if any(type(size) is not int or size < 0 for size in shape):
        raise _refusal("an array of an impossible shape")
    if math.prod(shape) * kind.dtype.itemsize != len(raw):
        raise _refusal(f"{len(raw)} bytes for an array of shape {shape!r:.60}")
    if order not in ("C", "F"):
        raise _refusal("an array in an unknown order")
    return np.frombuffer(raw, kind.dtype).reshape(shape, order=order)


def _scalar(kind, raw):
    return _array(raw, kind, (), "C")[()]


def _frombuffer(raw, kind, shape, order):
    return _Array(_array(raw, kind, shape, order))


def _encode(text, encoding="utf-8", *_):
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1", "utf-8"):
        raise _refusal("a text in an unknown encoding")
    return text.encode(encoding)


def _ordered(pairs=()):
    return dict(_require_plain_keys(dict(pairs)))


_GLOBALS = {
    **{(module, "_reconstruct"): lambda *_: _Array() for module in _MODULES},
    **{(module, "scalar"): _scalar for module in _MODULES},
    **{(module, "_frombuffer"): _frombuffer for module in _NUMERIC},
    ("numpy", "ndarray"): None,
    ("numpy", "dtype"): _Type,
    ("collections", "OrderedDict"): _ordered,
    ("_codecs", "encode"): _encode,
}


def _refusal(what):
    return pickle.UnpicklingError(f"it holds {what}")


def _require_plain_keys(mapping):
    for key in mapping:
        if not isinstance(key, (str, int, float, bytes)):
            raise _refusal(f"a key that is a {type(key).__name__}")
    return mapping


class _Unpickler(pickle._Unpickler):  # noqa: SLF001  # the one in C cannot be told what to leave out
    """Python's own machine with our opcodes only."""

    dispatch = {  # noqa: RUF012  # read by the base class
        opcode: pickle._Unpickler.dispatch[opcode]  # noqa: SLF001
        for opcode in (getattr(pickle, name)[0] for name in _OPCODES)
    }

    def load(self) -> Any:
        """What the pickle holds, its arrays as NumPy's."""
        try:
            return _finished(super().load())
        except KeyError as error:  # of `dispatch`, or a memory that was never set
            raise _refusal(f"an instruction that is none of ours: {error}") from None

    def find_class(self, module: str, name: str) -> Any:
        """The few names that arrays are built from; UnpicklingError for any other."""
        if (module, name) not in _GLOBALS:
            raise _refusal(f"{module}.{name}, which could run any code")
        return _Global(f"{module}.{name}", _GLOBALS[module, name])

    def load_reduce(self) -> None:
        arguments = self.stack.pop()
        made = self.stack[-1]
        if not isinstance(made, _Global) or made.make is None or not isinstance(arguments, tuple):
            raise _refusal(f"a call of {type(made).__name__}")
        self.stack[-1] = made.make(*arguments)

    def load_build(self) -> None:
        state, made = self.stack.pop(), self.stack[-1]
        if not isinstance(made, (_Type, _Array)):
            raise _refusal(f"a state for {type(made).__name__}")
        made.build(state)

    def load_setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._set([key, value])

    def load_setitems(self) -> None:
        self._set(self.pop_mark())

    def load_dict(self) -> None:
        items = self.pop_mark()
        self.append({})
        self._set(items)

    def _set(self, items):
        mapping = self.stack[-1]
        if not isinstance(mapping, dict):
            raise _refusal(f"items for a {type(mapping).__name__}")
        _require_plain_keys(items[::2])
        mapping.update(zip(items[::2], items[1::2], strict=True))

    def load_append(self) -> None:
        self._extend([self.stack.pop()])

    def load_appends(self) -> None:
        self._extend(self.pop_mark())

    def _extend(self, items):
        if not isinstance(self.stack[-1], list):
            raise _refusal(f"items for a {type(self.stack[-1]).__name__}")
        self.stack[-1].extend(items)

    def load_bytearray8(self) -> None:
        size = int.from_bytes(self.read(8), "little")
        data = self.read(size)  # what there is, before memory is asked for
        if len(data) != size:
            raise _refusal(f"{len(data)} bytes in place of {size}")
        self.append(bytes(data))

    def load_int(self) -> None:
        self._require_short(self.readline, pickle._Unpickler.load_int)  # noqa: SLF001

    def load_long(self) -> None:
        self._require_short(self.readline, pickle._Unpickler.load_long)  # noqa: SLF001

    def _require_short(self, readline, load):
        line = readline()
        if len(line) > _MOST_DIGITS:
            raise _refusal(f"a number of {len(line)} digits")
        self.readline = lambda: line
        try:
            load(self)
        finally:
            self.readline = readline

    for _name, _method in (
        ("REDUCE", load_reduce),
        ("BUILD", load_build),
        ("SETITEM", load_setitem),
        ("SETITEMS", load_setitems),
        ("DICT", load_dict),
        ("APPEND", load_append),
        ("APPENDS", load_appends),
        ("BYTEARRAY8", load_bytearray8),
        ("INT", load_int),
        ("LONG", load_long),
    ):
        dispatch[getattr(pickle, _name)[0]] = _method  # type: ignore[assignment]  # a subclass's


def _finished(value):
    """The value with all arrays in it as NumPy's; each container is looked at once."""
    top, seen = [value], set()
    left = [top]
    while left:
        node = left.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        places = node.items() if isinstance(node, dict) else enumerate(node)
        for place, item in list(places):
            inner = item
            if isinstance(item, (_Type, _Global)):
                raise _refusal("a type where a value should be")
            if isinstance(item, _Array):
                inner = item.value
                if inner is None:
                    raise _refusal("an array without content")
            elif isinstance(item, tuple):
                inner = list(item)  # so that arrays in it can be put in their places
            if inner is not item:
                node[place] = inner
            if isinstance(inner, (list, dict)):
                left.append(inner)
    return top[0]
