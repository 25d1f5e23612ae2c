# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check and the demo, each with all of its own set-up.

python -m nox -s tests     everything below down to `blender`
python -m nox -s demo      a walk along a curve, as a .blend, a film and a picture
python -m nox --list       the rest

Blender comes from PyPI as the module `bpy`, one release for each Python: run nox with Python
3.11 or 3.13. Releases for another Python are tested too where that Python is found.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["tests"]
nox.options.error_on_missing_interpreters = False

ROOT = Path(__file__).resolve().parent
DIST = ROOT / "dist"
REPORTS = DIST / "reports"
WRITTEN = DIST / "files"  # by Blender, for other programs to read
LOCKS = ROOT / ".ci" / "locks"
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"

# The releases of bpy that are tested, and the only Python that each runs on.
BLENDERS = {"4.2.23": "3.11", "4.5.15": "3.11", "5.0.1": "3.11", "5.2.3": "3.13"}
# pip would give some of them a newer NumPy than the official builds of that release have.
NUMPY = {"3.11": "numpy<2", "3.13": "numpy>=2"}
# What `tests` leaves out, to end within 40 minutes: 4.5 and 5.0 are between two that it runs;
# `nox -s "blender(5.0.1)"` runs one.
ON_DEMAND = {"4.5.15", "5.0.1"}
# Makes the demo and judges the zip: the newest long-term release for each Python.
LONG_TERM = {"3.11": "4.5.15", "3.13": "5.2.3"}
LONG_TERM_PYTHON = RUNNING if RUNNING in LONG_TERM else "3.11"
# What shows inside Blender that nothing is lost, whatever fails.
FAULTS = ("blender_tests/faults", "blender_tests/batch/test_kills.py")
# A worker for each of two cores, and a core for each worker.
TWO, ONE_THREAD = ("-n", "2"), {"OMP_NUM_THREADS": "1"}
OLDEST, GROUPS = "3.10", "dependency-groups"
PROJECT = nox.project.load_toml("pyproject.toml")


def install_group(session, name):
    """Install a dependency group of pyproject.toml, as its lock pins it: see .ci/lock.py."""
    lock, cpu, gpu = (LOCKS / f"{name}{part}.txt" for part in ("", "-cpu", "-gpu"))
    install = ("--no-deps", "--require-hashes", "-r")
    if cpu.exists():  # where pip does not find it, the lock itself has the build with CUDA
        session.install(*install, str(cpu), success_codes=[0, 1])
    session.install(*install, str(lock))
    if gpu.exists():
        probe = "try:\n import torch\nexcept Exception:\n print('incomplete')"
        if "incomplete" in session.run("python", "-c", probe, silent=True):
            session.install(*install, str(gpu))


def report(name):
    """Pytest's argument for a JUnit file that `tests` adds up at its end."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    return f"--junitxml={REPORTS / name}.xml"


def build_zip(session):
    """Build the add-on and return the path of its zip, the only one then in dist."""
    for old in DIST.glob("quaternet_addon-*.zip"):
        old.unlink()
    session.run(sys.executable, "build_addon.py", "--out", str(DIST), external=True)
    (archive,) = DIST.glob("quaternet_addon-*.zip")
    return archive


def install_blender(session, version):
    """Install Blender's module and pytest into the session's environment."""
    install_group(session, f"blender-{version}")


@contextlib.contextmanager
def isolated():
    """Environment of a Blender with an empty user folder outside the checkout."""
    with tempfile.TemporaryDirectory(prefix="quaternet-user-") as folder:
        yield {"BLENDER_USER_RESOURCES": folder}


def side_by_side(session, *command, name, env=None, **options):
    """Run the tests in two Blenders at once: each file in the one that comes to it first."""
    log = Path(session.create_tmp()).resolve()

    def half(part, shared):
        arguments = ["--shared", shared, report(f"{name}-{part}"), *session.posargs]
        with isolated() as user, (log / part).open("w") as told:
            output = {"stdout": told, "stderr": subprocess.STDOUT}
            session.run(*command, *arguments, env={**user, **(env or {})}, **output, **options)

    with tempfile.TemporaryDirectory() as shared, ThreadPoolExecutor() as pool:
        halves = [pool.submit(half, part, shared) for part in "12"]
    for part in "12":
        print((log / part).read_text(errors="replace"))
    for each in halves:
        each.result()


def run_all(session, *commands, **options):
    """Run Python with each of these arguments, all of them even if one misses a bar."""
    missed = []
    for command in commands:
        try:
            session.run("python", *command, **options)
        except nox.command.CommandFailed:
            missed.append(command)
    if missed:
        session.error(f"{len(missed)} of {len(commands)} commands failed or missed a bar")


@nox.session(venv_backend="none")
def tests(session):
    """Everything: lint, pure tests, the zip, and the zip in every Blender at hand."""
    if RUNNING not in LONG_TERM:
        session.error(
            f"expected Python {' or '.join(LONG_TERM)}, for which there is a Blender on PyPI, "
            f"got {RUNNING}: run `python3.11 -m pip install -r .ci/locks/nox.txt && "
            "python3.11 -m nox -s tests`"
        )
    shutil.rmtree(REPORTS, ignore_errors=True)
    for name in ("lint", "pure", "oldest", "build", "blender_binary", "window", "files"):
        session.notify(name)
    for version in BLENDERS:
        if version not in ON_DEMAND:
            session.notify(f"blender({version})")
    session.notify("summary")


@nox.session
def lint(session):
    """Ruff: rules and format; mypy: the types of the add-on and of training."""
    install_group(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session
def pure(session):
    """Tests without Blender, those against PyTorch included."""
    install_group(session, "pure")
    session.run("pytest", *TWO, report("pure"), *session.posargs, env=ONE_THREAD)


@nox.session(python="3.10")
def oldest(session):
    """The core's tests on the oldest Python and NumPy that a Blender brings."""
    install_group(session, "oldest")
    tests = ("training/tests/core", *session.posargs)
    session.run("pytest", *TWO, report("oldest"), *tests, env=ONE_THREAD)


@nox.session(python=LONG_TERM_PYTHON)
def build(session):
    """Build the zip and let Blender's own validator judge it, tags included."""
    archive = build_zip(session)
    install_blender(session, LONG_TERM[session.python])
    find = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(session.run("python", "-c", find, silent=True).strip())
    scripts = next((site / "bpy").glob("*/scripts"))
    tags = scripts / "modules/_bpy_internal/extensions/tags.py"
    validator = scripts / "addons_core/bl_pkg/cli/blender_ext.py"
    session.run("python", str(validator), "validate", f"--valid-tags={tags}", str(archive))


@nox.session
@nox.parametrize(
    ("python", "version"),
    [nox.param(python, version, id=version) for version, python in BLENDERS.items()],
)
def blender(session, version):
    """The built zip inside a Blender from PyPI."""
    install_blender(session, version)
    archive = build_zip(session)
    command = ("python", "blender_tests/run.py", "--zip", str(archive))
    side_by_side(session, *command, name=f"blender-{version}")


@nox.session(venv_backend="none")
def blender_binary(session):
    """The built zip inside an installed Blender, as Debian's 3.4: $BLENDER, or that on PATH.

    One that $BLENDER names must be testable; one that merely might be there is skipped.
    """
    named = os.environ.get("BLENDER")
    command, options = tested_binary(session, named, "blender-binary")
    side_by_side(session, *command, name="blender-binary", **options)


@nox.session(venv_backend="none")
def window(session):
    """The stories in a window of one more Blender: the one that $BLENDER_WINDOW names.

    `.ci/window_blender sid` (5.2) or `trixie` (4.3) makes one on Debian and prints its path.
    """
    named = os.environ.get("BLENDER_WINDOW")
    if not named:
        session.skip("needs $BLENDER_WINDOW, a Blender with a window: see .ci/window_blender")
    command, options = tested_binary(session, named, "window")
    stories = () if session.posargs else ("blender_tests/window",)
    side_by_side(session, *command, *stories, name="window", **options)


def tested_binary(session, named, name):
    """Command that runs tests in a Blender with a window, and `session.run`'s options for it.

    named: its path, None: the one on PATH. name: of the folder of the stories' pictures.
    """
    binary, clean = probed_binary(named, session.error if named else session.skip)
    archive = build_zip(session)
    command = [*in_background(binary), "blender_tests/run.py", "--", "--zip", str(archive)]
    env = {**clean, "QUATERNET_PICTURES": str(DIST / "pictures" / name)}
    return command, {"env": env, "external": True}


def in_background(binary):
    """A Blender without a window that runs the script that comes next."""
    return [binary, "-b", "--factory-startup", "--python-exit-code", "1", "--python"]


def probed_binary(named, give_up):
    """Path of a Blender that can run our tests, and its environment; named: see `tested_binary`."""
    binary = shutil.which(named or "blender")
    if binary is None:
        give_up(f"expected a Blender, got none at {named or 'any place on PATH'}")
    # Debian's Blender makes the first python3 on PATH its own, with that one's packages.
    clean = {"PATH": os.pathsep.join([str(Path(binary).parent), os.defpath])}
    probe = [*in_background(binary)[:-1], "--python-expr", "import numpy, pytest"]
    if subprocess.run(
        probe, env={**os.environ, **clean}, capture_output=True, check=False
    ).returncode:
        give_up(
            f"expected NumPy and pytest in the Python of {binary}, got an error on import; "
            "on Debian: apt-get install python3-numpy python3-pytest"
        )
    return binary, clean


@nox.session(python=LONG_TERM_PYTHON)
def files(session):
    """Files of every format by Blender; then `files_read`: what other programs make of them."""
    install_blender(session, LONG_TERM[session.python])
    archive = build_zip(session)
    shutil.rmtree(WRITTEN, ignore_errors=True)
    script, zipped = "blender_tests/files/write.py", ("--zip", str(archive), "--out")
    with isolated() as env:
        session.run("python", script, *zipped, str(WRITTEN / "wheel"), env=env)
    if named := os.environ.get("BLENDER"):
        binary, clean = probed_binary(named, session.error)
        command = [*in_background(binary), script, "--", *zipped, str(WRITTEN / "binary")]
        with isolated() as env:
            session.run(*command, env={**env, **clean}, external=True)
    session.notify("files_read")


@nox.session
def files_read(session):
    """The Khronos validator, three.js in Chromium, assimp, bvhio and Pixar's USD read `files`."""
    install_group(session, "files")
    modules = Path(session.create_tmp()) / "npm"
    if shutil.which("npm"):
        shutil.copytree(LOCKS / "npm", modules, dirs_exist_ok=True)
        with session.chdir(modules):
            session.run("npm", "ci", "--no-audit", "--no-fund", "--silent", external=True)
    else:
        session.warn("without npm there are no three.js, assimp and glTF validator to read with")
    env = {"QUATERNET_FILES": str(WRITTEN)}
    if (modules / "node_modules").is_dir():
        env["QUATERNET_NODE_MODULES"] = str(modules / "node_modules")
    tests = ["training/tests/readers", "-rs", *session.posargs]
    session.run("pytest", report("files"), *tests, env=env)


@nox.session
def lock(session):
    """Pin anew all that is installed here, with hashes: .ci/locks."""
    session.install("uv", "pip")
    groups = {name: nox.project.dependency_groups(PROJECT, name) for name in PROJECT[GROUPS]}
    pytest = groups.pop("blender")
    wanted = {name: [OLDEST, *group] for name, group in groups.items()}
    wanted |= {
        f"blender-{version}": [python, f"bpy=={version}", NUMPY[python], *pytest]
        for version, python in BLENDERS.items()
    }
    wanted |= {tool: [OLDEST, tool] for tool in ("nox", "pre-commit")}
    session.run("python", ".ci/lock.py", json.dumps(wanted))
    with session.chdir(LOCKS / "npm"):
        options = ["--package-lock-only", "--omit-lockfile-registry-resolved", "--no-audit"]
        session.run("npm", "install", *options, "--no-fund", external=True)


@nox.session
def faults(session):
    """100,000 damaged files for the readers, then `faults_blender`: half an hour on two cores.

    `nox -s faults -- 20000` gives the readers so many damaged files altogether.
    """
    session.notify("faults_blender", posargs=())
    install_group(session, "pure")
    inputs = session.posargs or ["100000"]
    session.run("python", "-m", "training.tests.faults.run", "--inputs", *inputs)


@nox.session(python=LONG_TERM_PYTHON)
def faults_blender(session):
    """Exceptions at lines that write, cancelling, 500 operations, 10 kills of a batch.

    Of each operation 40 lines, spread by a seed over all that it passes, get two kinds of
    exception each: 1,534 lines, 3,068 injections. QUATERNET_FAULTS=100 takes more lines of each,
    QUATERNET_FAULTS=full every line, the first and the last time that it is passed: 48,000
    injections, which take hours.
    """
    install_blender(session, LONG_TERM[session.python])
    archive = build_zip(session)
    command = ("python", "blender_tests/run.py", "--zip", str(archive), "-s", *FAULTS)
    wanted = {"QUATERNET_FAULTS": os.environ.get("QUATERNET_FAULTS", "40")}
    wanted |= {"QUATERNET_SOAK": "500", "QUATERNET_KILLS": "10"}
    side_by_side(session, *command, name="faults", env=wanted)


@nox.session(venv_backend="none")
def summary(session):
    """What the latest `tests` found, added up."""
    session.run(sys.executable, ".ci/summary.py", str(REPORTS), external=True)


@nox.session(venv_backend="none")
def release(session):
    """The zip with its checksum, its changes, and the listing's text and icon: dist/release."""
    session.run(sys.executable, ".ci/release.py", external=True)


@nox.session(python=LONG_TERM_PYTHON)
def demo(session):
    """Walk a Rigify metarig along an S-curve: dist/demo/walk.blend, walk.mp4 and walk.png."""
    install_blender(session, LONG_TERM[session.python])
    archive = build_zip(session)
    arguments = ["--zip", str(archive), "--out", str(DIST / "demo"), *session.posargs]
    with isolated() as env:
        session.run("python", "blender_tests/demo.py", *arguments, env=env)


@nox.session
def quality(session):
    """Measure what is shipped: one table of bars, then what has tables of its own."""
    install_group(session, "training")
    walks = "turns", "aside", "closing", "facings", "short", "uneven", "grounds", "likeness"
    run_all(
        session,
        ("-m", "training.measure.quality", *session.posargs),
        *(("-m", f"training.walk.gait.{name}") for name in walks),
        *(("-m", f"training.measure.{name}") for name in ("typical_reaches", "reach_grid")),
    )


@nox.session
def bench(session):
    """Measure how fast the shipped model generates, beside torch, and how fast training is."""
    install_group(session, "training")
    session.notify("bench_blender")
    run_all(
        session,
        ("-m", "training.measure.bench", *session.posargs),
        ("-m", "training.measure.bench_crowd"),
        ("-m", "training.measure.bench_plaza"),
        ("-m", "training.measure.bench_plaza", *"--bodies 200 1000 --planned --longest 11".split()),
        ("-m", "training.measure.bench_training"),
    )


@nox.session(python=LONG_TERM_PYTHON)
def bench_blender(session):
    """Measure inside Blender: sampling, generating, writing keys, Live; batches of 1,000 clips."""
    install_blender(session, LONG_TERM[session.python])
    archive = build_zip(session)
    with isolated() as env:
        one_thread = {**env, "OPENBLAS_NUM_THREADS": "1"}
        zipped = ("--zip", str(archive))
        run_all(
            session,
            ("blender_tests/bench/enabling.py", *zipped),
            ("blender_tests/bench/operators.py", *zipped),
            ("blender_tests/bench/live.py", *zipped),
            ("blender_tests/bench/batch.py", *zipped, *session.posargs),
            env=one_thread,
        )
