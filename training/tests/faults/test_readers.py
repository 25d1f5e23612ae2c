# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a file holds, it is read or refused with one clear message; the short form."""

import contextlib
import os
import resource
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from training.__main__ import main
from training.tests.faults import readers, run, worker

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "faults"
_INPUTS = 60  # of each reader; `nox -s faults` has more than a thousand times as many altogether

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="memory is capped and counted as Linux does"
)


@pytest.mark.parametrize("name", readers.READERS)
def test_damaged_files_are_read_or_refused_with_one_message(name):
    tally = run.fuzz(name, seed=13, inputs=_INPUTS)
    assert tally.inputs == _INPUTS
    assert tally.faults == []


def test_a_fault_is_noticed(tmp_path):
    tally = run.Tally()
    assert run._chunk(tally, "no such reader", 0, 0, 5, tmp_path) == 1
    assert [fault["kind"] for fault in tally.faults] == ["exit 1"]


@pytest.fixture
def hurry():
    """A test that waits for ever ends after some seconds, one that wants all memory at once."""

    def late(*_):
        raise TimeoutError("a reader waits")

    before, caps = signal.signal(signal.SIGALRM, late), resource.getrlimit(resource.RLIMIT_AS)
    worker.limit_memory()
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
    resource.setrlimit(resource.RLIMIT_AS, caps)


SPECIAL = {
    "folder": lambda path: path.mkdir(),
    "pipe": os.mkfifo,
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "link to itself": lambda path: path.symlink_to(path),
    "no file": lambda path: None,
}
REFUSALS = (ValueError, OSError)
EMPTY_IS_NOTHING = {"manifest", "checkpoint", "metrics"}  # nothing was made so far, maybe
MOVED = {"run config", "metrics", "manifest", "checkpoint", "export", "preset"}


@pytest.mark.parametrize("what", SPECIAL)
@pytest.mark.parametrize("name", readers.READERS)
def test_what_is_no_plain_file_is_refused_and_never_waited_for(name, what, tmp_path, hurry):
    reader = readers.READERS[name]
    reader.valid(tmp_path)
    (tmp_path / "here").mkdir()
    path = tmp_path / "here" / f"input{reader.suffix}"
    SPECIAL[what](path)
    if what == "no file" and name in MOVED:
        pytest.skip("the harness itself wants the file")
    expected = (
        contextlib.suppress(*REFUSALS) if name in EMPTY_IS_NOTHING else pytest.raises(REFUSALS)
    )
    with expected:
        reader.read(path)


def case(name):
    path = CASES / name
    if not path.exists():
        pytest.skip(f"no {path}")
    return path


def refused(arguments, capsys):
    assert main([str(argument) for argument in arguments]) == 2
    text = capsys.readouterr().err
    assert "xpected" in text and text.count("\n") == 1
    return text


def test_a_forged_dtype_is_refused(capsys, tmp_path):
    file = case("forged_dtype_flags.p")
    said = refused(["prepare", "pickle", file, "-o", tmp_path / "out.npz"], capsys)
    assert "type of array" in said


def test_joints_without_channels_take_no_memory(capsys):
    assert "channels" in refused(["describe", case("zero_channels.bvh")], capsys)


def test_a_dataset_that_claims_terabytes_is_refused(capsys):
    from training.data.dataset import load_dataset

    with pytest.raises(ValueError, match="claims"):
        load_dataset(case("dataset_terabytes.npz"))
    refused(["describe", case("dataset_terabytes.npz")], capsys)


def test_a_job_that_would_look_through_the_whole_disk_is_refused():
    from quaternet_addon.core.batch.job import JobError, load_job

    with pytest.raises(JobError, match=r"expected (folders|a pattern)"):
        load_job(case("job_proc.json"))


def test_a_device_that_never_ends_is_no_file_of_ours(capsys):
    refused(["describe", "/dev/zero"], capsys)


def test_a_text_as_checkpoint_leads_back_to_the_one_before(tmp_path):
    from training.trainer.run_folder import RunFolder

    folder = RunFolder(tmp_path)
    folder.save_checkpoint({"epoch": 1})
    folder.save_checkpoint({"epoch": 2})
    folder.checkpoint_path.write_text("not a checkpoint")
    assert folder.load_checkpoint() == {"epoch": 1}


def test_a_training_that_is_refused_for_its_data_leaves_no_run(tmp_path, capsys):
    from training.data.dataset import join_motions, save_dataset
    from training.tests.faults.examples import motion

    data = tmp_path / "short.npz"
    save_dataset(data, join_motions([("a", "s", "walk", motion(3))]))
    out = tmp_path / "run"
    arguments = ["train", "pose", "--data", data, "-o", out, "--device", "cpu"]
    refused(arguments, capsys)
    assert list(tmp_path.rglob("config.json")) == []


def test_arrays_of_real_takes_come_out_as_they_went_in(tmp_path):
    import pickle

    from training.data.unpickling import read_pickle

    for protocol in range(6):
        for array in (np.arange(6.0).reshape(2, 3), np.arange(6, dtype=">i4").reshape(3, 2).T):
            path = tmp_path / "take.p"
            path.write_bytes(pickle.dumps({"a": [array, (array, 1)]}, protocol=protocol))
            (found, (again, one)) = read_pickle(path)["a"]
            assert np.array_equal(found, array) and found.dtype == array.dtype
            assert np.array_equal(again, array) and one == 1
