# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch that is stopped by Ctrl+C: in words, without parts of files, and it can go on."""

import json

from quaternet_addon.core.batch.command import main
from quaternet_addon.core.batch.pure_clips import PureClips
from quaternet_addon.core.files import formats

TASK = {"source": {"rig": "quaternet"}, "curve": {"points": [[0, 0], [0, -2]]}, "seeds": [0, 1]}


def test_ctrl_c_says_how_to_go_on_and_leaves_no_part_of_a_clip(tmp_path, capsys, monkeypatch):
    job, save, calls = tmp_path / "job.json", formats.save_motion, []
    task = {**TASK, "outputs": ["bvh", "npz"]}
    job.write_text(json.dumps({"version": 1, "output": "out", "tasks": [task]}))

    def pressed(*arguments):
        calls.append(arguments)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return save(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(formats, "save_motion", pressed)
        assert main([str(job)], PureClips, "quaternet") == 130
    assert "--resume goes on" in capsys.readouterr().err
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len([path for path in files if not path.name.startswith("manifest")]) == 2
    assert main([str(job), "--resume"], PureClips, "quaternet") == 0
    told = capsys.readouterr().out
    assert "1 clips made" in told and "1 were done before" in told
