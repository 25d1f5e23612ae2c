# SPDX-License-Identifier: GPL-3.0-or-later
r"""How long the operators take in Blender: sampling, generating and writing keys, all in.

python blender_tests/bench/operators.py --zip ZIP [--runs 9]     (bpy wheel)
blender -b --factory-startup --python blender_tests/bench/operators.py -- --zip ZIP

The best of the runs counts, in CPU seconds of all threads or wall seconds, whichever is less: on
an idle machine it takes no longer than either, and what else runs on a busy one hardly counts.
"""

import argparse
import importlib
import os
import statistics
import sys
import time

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from support import user_folder

user_folder.make()  # before bpy is imported

import bpy
from support import (
    install,  # beside this file
    rigs,
)

LIMITS = {"continue 2 s": 0.3}  # seconds, issue 4
RIGS = ("rigify-basic", "generated-basic", "generated-human", "mixamo")
FREE = {"generated-human"}  # of limits: 706 bones are measured only
FRAME = 61


def timed(call, runs, reset):
    """Wall and CPU seconds of each run; the first, which loads a model, is left out.

    reset: called before each of them, not timed.
    """
    times = []
    for _ in range(runs + 1):
        reset()
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return times[1:]


def rig_in_a_walk(name):
    """A rig at frame 61 of a walk on a line, its action active."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    rigs.poly("Path", [(0, 0, 0), (0, -8, 0)])
    rig = rigs.make(name)
    bpy.ops.quaternet.detect_mapping()
    bpy.ops.quaternet.generate_locomotion(curve="Path")
    bpy.context.scene.frame_set(FRAME)
    return rig


def back_to_the_walk():
    """Without the continuation that was made last."""
    while bpy.context.object.quaternet_takes.items[-1].mode == "CONTINUE":
        bpy.ops.quaternet.remove_take()


def benches(rig, modules):
    """``{name: (call, reset)}``."""
    job, options = (
        getattr(modules("blender.continuation.generation"), name)
        for name in ("ContinuationGeneration", "ContinuationOptions")
    )
    forget = modules("blender.rig.linkage").forget

    def continued():
        bpy.ops.quaternet.continue_motion(duration=2.0)

    return {
        "read 2 s of the rig": (lambda: job(bpy.context, rig, options(duration=2.0)), lambda: None),
        "continue 2 s": (continued, back_to_the_walk),
        "continue 2 s, rig new": (continued, lambda: (back_to_the_walk(), forget())),
        "walk 8 m": (
            lambda: bpy.ops.quaternet.generate_locomotion(curve="Path"),
            back_to_the_walk,
        ),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--zip", required=True)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--rigs", nargs="*", default=RIGS)
    options = parser.parse_args(install.arguments())
    package = install.install(options.zip)
    print(f"Blender {bpy.app.version_string}, best of {options.runs} runs, seconds")
    missed = []
    for name in options.rigs:
        rig = rig_in_a_walk(name)
        calls = benches(rig, lambda module: importlib.import_module(f"{package}.{module}"))
        for what, (call, reset) in calls.items():
            with quiet():
                times = timed(call, options.runs, reset)
            least = min(min(pair) for pair in times)
            wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
            print(f"{name:16} {what:22} {least:7.3f}  median CPU {cpu:7.3f}  wall {wall:7.3f}")
            limit = LIMITS.get(what) if name not in FREE else None
            if limit and least > limit:
                missed.append(f"{what} on {name}: {least:.3f} s, at most {limit} s wanted")
    print(*(missed or ["All limits are held."]), sep="\n")
    return 1 if missed else 0


class quiet:  # noqa: N801  # reads as a verb
    """Blender prints every report of an operator: not now."""

    def __enter__(self):
        sys.stdout.flush()
        self._kept, self._null = os.dup(1), os.open(os.devnull, os.O_WRONLY)
        os.dup2(self._null, 1)

    def __exit__(self, *error):
        sys.stdout.flush()
        os.dup2(self._kept, 1)
        os.close(self._kept)
        os.close(self._null)


if __name__ == "__main__":
    install.isolate()
    install.run_and_exit(main)
