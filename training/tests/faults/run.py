# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged files against every reader, in processes that may die of them.

    python -m training.tests.faults.run [--inputs N] [--seed S] [--jobs N] [READER ...]

Prints a table and exits with 1 if an input was answered by anything but a result or one clear
ValueError. ``--inputs`` is the number over all readers; an input is made again by its reader,
seed and number alone.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_SHARED = Path("/dev/shm")  # noqa: S108  # of a name of its own; a disk would be the slowest part
_CHUNK = 1000  # inputs of a process
# Seconds of work, and by the clock, without a next input: it then hangs where no signal reaches it.
_WORK, _SILENCE = 30.0, 600.0


@dataclass
class Tally:
    """What became of a reader's inputs. faults: ``[{input, kind, text}, ...]``."""

    inputs: int = 0
    read: int = 0
    refused: int = 0
    faults: list = field(default_factory=list)

    def __add__(self, other):
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def fuzz(name, seed, inputs, pool=None):
    """Feed a reader so many inputs; its `Tally`. pool: of threads, each of which has a process."""
    stretches = [(first, min(_CHUNK, inputs - first)) for first in range(0, inputs, _CHUNK)]
    run = map if pool is None else pool.map
    return sum(run(lambda stretch: _stretch(name, seed, *stretch), stretches), Tally())


def _stretch(name, seed, first, count):
    """Some inputs, in one process after the other if it dies; their `Tally`."""
    tally, stop = Tally(), first + count
    while first < stop:
        with tempfile.TemporaryDirectory(
            prefix="quaternet-faults-", dir=_SHARED if os.access(_SHARED, os.W_OK) else None
        ) as folder:
            done = _chunk(tally, name, seed, first, stop - first, Path(folder))
        tally.inputs += done
        first += done
    return tally


def _chunk(tally, name, seed, first, count, folder):
    """One process; returns how many inputs it got to."""
    command = [sys.executable, "-m", f"{__package__}.worker", name, str(seed)]
    command += [str(first), str(count), str(folder)]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with (folder / "output").open("w+") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)
        hung = _wait(process, folder / "progress")
        output.seek(0)
        lines = output.read().splitlines()
    for line in lines:
        entry = _entry(line)
        tally.faults += [entry] if "input" in entry else []
        tally.read += entry.get("read", 0)
        tally.refused += entry.get("refused", 0)
    if not process.returncode:
        return count
    last = int(_progress(folder / "progress") or first)
    kind = "hang" if hung else f"exit {process.returncode}"
    tally.faults.append({"input": last, "kind": kind, "text": " ".join(lines[-3:])[-300:]})
    return last - first + 1


def _wait(process, progress):
    """Until it ends; True if it had to be killed because it got no further."""
    before, began, worked = None, time.monotonic(), 0.0
    while True:
        try:
            process.wait(1.0)
        except subprocess.TimeoutExpired:
            now = _progress(progress)
            if now != before:
                before, began, worked = now, time.monotonic(), _seconds_of(process)
            elif _seconds_of(process) - worked > _WORK or time.monotonic() - began > _SILENCE:
                process.kill()
                process.wait()
                return True
        else:
            return False


def _seconds_of(process):
    """How long a process has worked; on a busy machine that is less than it has run."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has just ended
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _progress(path):
    return path.read_text() if path.exists() else None


def _entry(line):
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def main(arguments=None):
    """The command line; the number of readers with a fault."""
    from .readers import READERS

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("readers", nargs="*", metavar="READER", help=", ".join(READERS))
    parser.add_argument("--inputs", type=int, default=100_000, help="over all readers (100000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="processes at a time (one for each core)"
    )
    options = parser.parse_args(arguments)
    names = options.readers or list(READERS)
    shares = sum(READERS[name].share for name in names)
    total, wrong = Tally(), 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for name in names:
            count = -(-options.inputs * READERS[name].share // shares)
            tally = fuzz(name, options.seed, count, pool)
            print(
                f"{name:20} {tally.inputs:7} inputs {tally.read:7} read "
                f"{tally.refused:7} refused {len(tally.faults):5} faults",
                flush=True,
            )
            _show(tally.faults)
            total += tally
            wrong += bool(tally.faults)
    kinds = collections.Counter(fault["kind"] for fault in total.faults)
    print(f"{total.inputs} inputs, {len(total.faults)} faults {dict(kinds)}")
    return wrong


def _show(faults):
    groups = collections.defaultdict(list)
    for fault in faults:
        groups[fault["kind"], fault["text"].rpartition(" at ")[2]].append(fault)
    for (kind, _), group in sorted(groups.items(), key=lambda item: -len(item[1])):
        example = group[0]
        print(f"    {len(group):5} x {kind}, input {example['input']}: {example['text'][:200]}")


if __name__ == "__main__":
    sys.exit(min(main(), 1))
