# SPDX-License-Identifier: GPL-3.0-or-later
r"""How fast batches are, and that they do not grow: 20 rigs times 50 seeds, five-second walks.

    python blender_tests/bench/batch.py --zip ZIP [--clips 1000]        (bpy wheel)
    blender -b --factory-startup --python blender_tests/bench/batch.py -- --zip ZIP

Prints clips a second of generation alone and with BVH output, memory before and at the most, and
what is left in the file; then clips a minute of a fifth as many, by one process and by two shards
in two. Seconds are those of the processor, so that neighbours on the machine count little; the
wall clock stands beside them.
Exits with 1 when a bar is missed.
"""

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, HERE)

from support import user_folder

user_folder.make()  # before bpy is imported

BARS = {"generation": 40.0, "with BVH": 3.0, "MB": 1000.0}
RIGS = ("mixamo", "mixamo-a-pose", "mixamo-no-prefix", "cmu", "daz", "accad", "makehuman")
COUNT = 20


def make_scene(path):
    """A .blend with 20 different rigs and one curve."""
    import bpy
    from support import rigs

    bpy.ops.wm.read_homefile(use_empty=True)
    for index in range(COUNT):
        obj = rigs.make(RIGS[index % len(RIGS)])
        obj.name, obj.location = f"Rig{index:02d}", (index * 1.0, 0.0, 0.0)
        obj.scale = [0.9 + 0.01 * index] * 3
    rigs.bezier("Path", [(0, 0, 0), (0.8, -2.0, 0), (0.2, -4.2, 0)])
    bpy.ops.wm.save_as_mainfile(filepath=path)


def make_job(folder, output, clips):
    """A job of ``clips`` walks of five seconds each."""
    names = [f"Rig{index:02d}" for index in range(COUNT)]
    task = {
        "source": {"blend": "rigs.blend", "armature": names},
        "curve": "Path",
        "settings": {"duration": 5.0},
        "seeds": {"from": 0, "count": max(1, clips // COUNT)},
        "outputs": ["bvh"],
    }
    path = os.path.join(folder, f"{output}.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"version": 1, "output": output, "tasks": [task]}, file)
    return path


def blocks():
    """Number of data-blocks of each kind in the file."""
    import bpy

    kinds = "actions armatures curves meshes objects scenes collections".split()
    return {kind: len(getattr(bpy.data, kind)) for kind in kinds}


def megabytes():
    """Resident memory now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def entries(folder):
    """The manifest's entries, of all shards."""
    out = []
    for name in sorted(os.listdir(folder)):
        if name.startswith("manifest"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                out += [json.loads(line) for line in file]
    return out


def one_process(command, folder, job):
    """Figures of the whole job in this process."""
    before, found = megabytes(), blocks()
    cpu, wall = time.process_time(), time.perf_counter()
    code = command([job])
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    made = entries(os.path.join(folder, "out"))
    seconds = {k: sum(e["seconds"][k] for e in made) for k in ("generate", "write")}
    share = seconds["generate"] / sum(e["total_seconds"] for e in made)
    frames = sum(sum(e["frames"]) for e in made)
    return {
        "code": code,
        "clips": len(made),
        "frames": frames / len(made),
        "generation": len(made) / (cpu * share),
        "with BVH": len(made) / cpu,
        "wall": len(made) / wall,
        "before": before,
        "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        "left": {kind: n for kind, n in blocks().items() if n != found[kind]},
    }


def processes(job, count, package_folder):
    """The job as ``count`` shards at once, each a process that starts Blender.

    Exit codes, seconds by the clock, and the most seconds of the processor that one of them took.
    """
    import bpy

    script = os.path.join(package_folder, "batch.py")
    binary = bpy.app.binary_path
    command = [binary, "-b", "--python", script, "--"] if binary else [sys.executable, script]
    start = time.perf_counter()
    running = [
        subprocess.Popen([*command, job, "--shard", f"{i}/{count}"], stdout=subprocess.DEVNULL)
        for i in range(1, count + 1)
    ]
    ended = [os.wait4(process.pid, 0) for process in running]
    wall = time.perf_counter() - start
    codes = [os.waitstatus_to_exitcode(status) for _, status, _ in ended]
    return codes, wall, max(used.ru_utime + used.ru_stime for _, _, used in ended)


def main():
    from support import install

    install.isolate()
    parser = argparse.ArgumentParser(description="Measure batches.")
    parser.add_argument("--zip", required=True, help="the built zip of the add-on")
    parser.add_argument("--clips", type=int, default=1000)
    options = parser.parse_args(install.arguments())
    package = install.install(options.zip)
    with tempfile.TemporaryDirectory(prefix="quaternet-bench-") as folder:
        return measure(package, folder, options.clips)


def measure(package, folder, count):
    """Print what `main` measures; its exit code."""
    command = __import__(f"{package}.blender.batch.command", fromlist=["command"]).command
    make_scene(os.path.join(folder, "rigs.blend"))
    job = make_job(folder, "out", count)
    with silence():
        found = one_process(command, folder, job)
    report_one(found)
    clips = max(2 * COUNT, count // 5)
    jobs = [make_job(folder, name, clips) for name in ("one", "two")]
    codes = report_cores(jobs, clips, os.path.dirname(sys.modules[package].__file__))
    good = found["code"] == 0 and codes == [0, 0, 0] and not found["left"]
    met = all(found[n] >= BARS[n] for n in ("generation", "with BVH")) and found["MB"] <= BARS["MB"]
    return 0 if good and met else 1


@contextlib.contextmanager
def silence():
    """Nothing on the standard output: neither a line for each clip nor Blender's own."""
    sys.stdout.flush()
    log = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(log, 1)


def report_one(found):
    """Print the figures of one process beside their bars."""
    clips, code = found["clips"], found["code"]
    print(f"{clips} clips of {found['frames']:.0f} frames, {COUNT} rigs, one process: code {code}")
    for name in ("generation", "with BVH"):
        verdict = "ok" if found[name] >= BARS[name] else "MISSED"
        print(f"{found[name]:8.1f} clips/s {name}, processor time (bar {BARS[name]:.0f}) {verdict}")
    print(f"{60 * found['wall']:8.0f} clips a minute by the clock")
    verdict = "ok" if found["MB"] <= BARS["MB"] else "MISSED"
    before = f"{found['before']:.0f} before"
    print(f"{found['MB']:8.0f} MB at the most, {before} (bar {BARS['MB']:.0f}) {verdict}")
    print(f"data-blocks left behind: {found['left'] or 'none'}", flush=True)


def report_cores(jobs, clips, package_folder):
    """Print clips a minute of one process and of two at once; their exit codes."""
    print(f"{clips} clips in processes of their own, starting Blender and the files included:")
    rates, codes = [], []
    for count, job in enumerate(jobs, 1):
        ended, wall, cpu = processes(job, count, package_folder)
        codes += ended
        rates.append((60.0 * clips / wall, 60.0 * clips / cpu))
        cores = "one core " if count == 1 else "two cores"
        print(f"{rates[-1][0]:8.0f} clips a minute on {cores} by the clock, ", end="")
        print(f"{rates[-1][1]:.0f} by processor time", flush=True)
    clock, cpu = (two / one for one, two in zip(*rates, strict=True))
    print(f"{clock:8.2f} x by the clock, {cpu:.2f} x by processor time: two cores against one")
    return codes


if __name__ == "__main__":
    code = 1
    try:
        code = main()
    finally:
        sys.stdout.flush()
        user_folder.remove()
        os._exit(code)
