# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that feeds one reader many inputs, under a cap on memory and a limit on time.

    python -m training.tests.faults.worker READER SEED FIRST COUNT FOLDER

It prints a line of JSON for each input that was neither read nor refused as it should be, and
at the end how many were read and refused. Before each input it writes its number to FOLDER, so
that whoever started it knows which input it died of.
"""

import contextlib
import gc
import json
import os
import resource
import signal
import sys
import time
import warnings
from pathlib import Path
from random import Random

from . import readers

MEMORY = 2**30  # bytes beyond what the process has before its first input
SECONDS = 5.0
PATIENCE = 30.0  # seconds by the clock for an input that is tried again, on a machine that is busy
_LONGEST = 4000  # characters of a message
_MOST_LINES = 12  # of a message that lists several mistakes


class HangError(BaseException):
    """An input took longer than `SECONDS`."""


def main(name, seed, first, count, folder):
    """Feed inputs ``first`` to ``first + count - 1`` of a seed to a reader."""
    warnings.simplefilter("ignore")
    reader, folder = readers.READERS[name], Path(folder)
    for clock in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(clock, _hang)
    valid = reader.valid(folder)
    for data in valid:  # before the cap: what a reader imports and caches counts for nothing
        path = _written(folder, reader, data)
        verdict, text = _timed(reader, path, (signal.ITIMER_REAL, 2 * PATIENCE))
        if verdict != "read":  # damage would then be looked for in what is refused anyway
            print(json.dumps({"input": -1, "kind": f"valid {verdict}", "text": text}), flush=True)
    limit_memory()
    counts = {"read": 0, "refused": 0}
    progress = os.open(folder / "progress", os.O_CREAT | os.O_WRONLY)
    for number in range(first, first + count):
        os.pwrite(progress, b"%20d" % number, 0)
        random = Random(f"{seed} {name} {number}")  # noqa: S311  # the same one for ever
        data = reader.make(random, valid)
        verdict, text = _verdict(reader, folder, data)
        if verdict in counts:
            counts[verdict] += 1
        else:
            print(json.dumps({"input": number, "kind": verdict, "text": text}), flush=True)
    print(json.dumps(counts), flush=True)


def _written(folder, reader, data):
    path = folder / f"input{reader.suffix}"
    path.write_bytes(data)
    return path


def _verdict(reader, folder, data):
    """What becomes of one input, see `_attempt`; a hang, or no memory, has to happen twice."""
    path = _written(folder, reader, data)
    verdict, text = _timed(reader, path, (signal.ITIMER_REAL, SECONDS))
    if verdict not in ("hang", "memory"):
        return verdict, text
    gc.collect()  # was it this input alone, or what others have left, or another process?
    path = _written(folder, reader, data)  # some readers move it
    began = time.process_time()
    limits = (signal.ITIMER_PROF, SECONDS), (signal.ITIMER_REAL, PATIENCE)
    verdict, text = _timed(reader, path, *limits)
    took = time.process_time() - began  # also where a signal waits for code that is no Python
    return ("hang", f"{took:.1f} s of work") if took > SECONDS else (verdict, text)


def _timed(reader, path, *limits):
    """`_attempt` with ``(timer, seconds)`` of each limit, however late its signal comes."""
    try:
        with contextlib.ExitStack() as running:
            for timer, seconds in limits:
                running.enter_context(_limited(timer, seconds))
            return _attempt(reader, path)
    except HangError:
        return "hang", "no end in sight"


@contextlib.contextmanager
def _limited(timer, seconds):
    signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        signal.setitimer(timer, 0.0)


def _attempt(reader, path):
    """``(verdict, text)`` of one input: read, refused, or what it should not be."""
    try:
        reader.read(path)
    except HangError:
        return "hang", "no end in sight"
    except MemoryError:
        return "memory", "MemoryError"
    except ValueError as error:
        return _judged(error)
    except BaseException as error:  # noqa: BLE001  # this is what is looked for
        return type(error).__name__, f"{error!s:.300}{_place(error)}"
    return "read", ""


def _judged(error):
    """A refusal is a message for people: some words, on few lines, that can be printed."""
    text = str(error)
    if isinstance(error, (UnicodeError, json.JSONDecodeError)):
        return type(error).__name__, f"{text[:300]}{_place(error)}"
    words = "xpected" in text or "unknown field" in text
    clear = words and len(text) < _LONGEST and text.count("\n") < _MOST_LINES
    try:
        text.encode()
    except UnicodeEncodeError:
        clear = False
    return ("refused", text[:300]) if clear else ("message", f"{text[:300]!r}{_place(error)}")


def _place(error):
    while error.__traceback__ is None and error.__cause__ is not None:
        error = error.__cause__
    trace, place = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f" at {Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next
    return place


def limit_memory():
    """At most `MEMORY` more for this process; the cap can be lifted again."""
    with Path("/proc/self/statm").open() as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, hard))


def _hang(*_):
    raise HangError


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
