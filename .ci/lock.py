# SPDX-License-Identifier: GPL-3.0-or-later
"""Pins of all that CI and the README's commands install, each with its hashes.

    python -m nox -s lock        writes .ci/locks/*.txt anew, with the versions of today

A file for each dependency group of pyproject.toml, for each tested release of bpy, for nox itself
and for pre-commit. PyTorch comes in two builds: ``<group>-cpu.txt`` pins the one without CUDA where
pip finds such, a tenth of the size; ``<group>-gpu.txt`` holds what the other one needs beside
itself. Whoever installs takes no file whose hash is not among these.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

LOCKS = Path(__file__).resolve().parent / "locks"
_GPU = re.compile(r"(nvidia|cuda|triton)")
_ENTRY = re.compile(r"^(?=[a-z0-9])", re.MULTILINE | re.IGNORECASE)


def main(groups):
    """Write a lock for each group: name -> ``[oldest Python, requirement, ...]``."""
    LOCKS.mkdir(exist_ok=True)
    for name, (python, *wanted) in groups.items():
        entries = _compiled(python, wanted)
        _write_local_build(name, entries)
        gpu = [entry for entry in entries if _GPU.match(entry)]
        _write(name, [entry for entry in entries if entry not in gpu])
        if gpu:
            _write(f"{name}-gpu", gpu)


def _compiled(python, wanted):
    """The entries of a lock: a requirement with its marker and hashes, some lines each."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--universal", "--python-version"]
    command += [python, "--generate-hashes", "--no-header", "--no-annotate", "--quiet", "-"]
    told = subprocess.run(
        command, input="\n".join(wanted), capture_output=True, text=True, check=False
    )
    if told.returncode:
        raise SystemExit(f"{' '.join(wanted)}: {told.stderr}")
    return [entry.rstrip() for entry in _ENTRY.split(told.stdout) if entry.strip()]


def _write_local_build(name, entries):
    """The build of PyTorch without CUDA, where pip finds one: its name has a local version.

    In a file of its own, since of two files with known hashes pip prefers that of the index.
    """
    (LOCKS / f"{name}-cpu.txt").unlink(missing_ok=True)
    for requirement in (entry.split(" ", 1)[0] for entry in entries):
        if requirement.startswith("torch=="):
            command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--quiet"]
            command += ["--ignore-installed", "--report", "-", requirement]
            report = subprocess.run(command, capture_output=True, check=True).stdout
            (found,) = json.loads(report)["install"]
            digest = found["download_info"]["archive_info"]["hashes"]["sha256"]
            if "+" in found["metadata"]["version"]:
                pinned = f"torch=={found['metadata']['version']}"
                _write(f"{name}-cpu", [f"{pinned} \\\n    --hash=sha256:{digest}"])


def _write(name, entries):
    head = "# Written by `python -m nox -s lock`: see .ci/lock.py\n"
    (LOCKS / f"{name}.txt").write_text(head + "\n".join(entries) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
