# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time for each shard of an output folder; the lock says who has it; pure.

The lock is the operating system's own on a file beside the manifest: it is gone as soon as its
process is, however that ended. Where a file system has no locks there is none.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import platform
import time
from typing import TYPE_CHECKING

from .manifest import manifest_name
from .results import NO_LINK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


try:
    import fcntl
except ImportError:
    fcntl, msvcrt = None, importlib.import_module("msvcrt")  # type: ignore[assignment] # Windows

_FAR = 2**30  # a byte that nobody writes to: Windows locks bytes, and against readers too


class HeldError(RuntimeError):
    """Another run has the lock; the message says which."""


@contextlib.contextmanager
def held(folder: Path, shard: tuple[int, int]) -> Iterator[None]:
    """Hold the lock of a shard of an output folder. HeldError if another run has it."""
    path = folder / (manifest_name(shard).removesuffix(".jsonl") + ".lock")
    descriptor = _opened(path)
    try:
        os.ftruncate(descriptor, 0)
        who = f"process {os.getpid()} on {platform.node()} since {time.strftime('%F %T')}"
        os.write(descriptor, who.encode())
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows keeps what is open
            path.unlink()
        os.close(descriptor)


def _opened(path):
    """A descriptor of the lock file, locked."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | NO_LINK, 0o666)
        if not _locked(descriptor):
            with contextlib.suppress(OSError):
                who = os.read(descriptor, 500).decode(errors="replace")
            os.close(descriptor)
            raise HeldError(f"{path.parent}: expected no other run, got one: {who or 'unknown'}")
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)  # the run before has removed it since


def _locked(descriptor):
    """Whether the lock was free, and is ours now."""
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            os.lseek(descriptor, _FAR, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks
        return True
    return True
