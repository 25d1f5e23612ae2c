# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged files against every reader, in processes that may die of them.

    python -m training.tests.faults.run [--inputs N] [--seed S] [READER ...]

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
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_SHARED = Path("/dev/shm")  # noqa: S108  # of a name of its own; a disk would be the slowest part
_CHUNK = 1000  # inputs of a process
_SILENCE = 30.0  # seconds without a next input after which a process hangs outside Python


@dataclass
class Tally:
    """What became of a reader's inputs. faults: ``[{input, kind, text}, ...]``."""

    inputs: int = 0
    read: int = 0
    refused: int = 0
    faults: list = field(default_factory=list)


def fuzz(name, seed, inputs):
    """Feed a reader so many inputs; its `Tally`."""
    tally, first = Tally(), 0
    while first < inputs:
        count = min(_CHUNK, inputs - first)
        with tempfile.TemporaryDirectory(
            prefix="quaternet-faults-", dir=_SHARED if os.access(_SHARED, os.W_OK) else None
        ) as folder:
            done = _chunk(tally, name, seed, first, count, Path(folder))
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
    before = None
    while True:
        try:
            process.wait(_SILENCE)
        except subprocess.TimeoutExpired:
            now = _progress(progress)
            if now == before:
                process.kill()
                process.wait()
                return True
            before = now
        else:
            return False


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
    options = parser.parse_args(arguments)
    names = options.readers or list(READERS)
    shares = sum(READERS[name].share for name in names)
    total, wrong = Tally(), 0
    for name in names:
        count = -(-options.inputs * READERS[name].share // shares)
        tally = fuzz(name, options.seed, count)
        print(
            f"{name:20} {tally.inputs:7} inputs {tally.read:7} read {tally.refused:7} refused "
            f"{len(tally.faults):5} faults",
            flush=True,
        )
        _show(tally.faults)
        total.inputs += tally.inputs
        total.faults += tally.faults
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
