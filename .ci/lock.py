# SPDX-License-Identifier: GPL-3.0-or-later
"""Pins of all that CI and the README's commands install, each with its hashes.

    python -m nox -s lock        writes .ci/locks/*.txt anew, with the versions of today

A file for each dependency group of pyproject.toml, for each tested release of bpy, for nox itself
and for pre-commit; ``<group>-gpu.txt`` holds what PyTorch needs beside itself where its CUDA build
is the one that pip finds. Whoever installs takes no file whose hash is not among these.
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
        entries = [_with_local_build(entry) for entry in entries]
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


def _with_local_build(entry):
    """PyTorch's entry with the hash of the build without CUDA as well, where pip finds one."""
    requirement = entry.split(" ", 1)[0]
    if not requirement.startswith("torch=="):
        return entry
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--quiet"]
    command += ["--ignore-installed", "--report", "-", requirement]
    report = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    digest = report["install"][0]["download_info"]["archive_info"]["hashes"]["sha256"]
    more = f" \\\n    --hash=sha256:{digest}"
    return entry if digest in entry else entry + more


def _write(name, entries):
    head = "# Written by `python -m nox -s lock`: see .ci/lock.py\n"
    (LOCKS / f"{name}.txt").write_text(head + "\n".join(entries) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
