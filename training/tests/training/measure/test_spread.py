# SPDX-License-Identifier: GPL-3.0-or-later
"""Mean and spread over the seeds of a benchmark."""

import json

import pytest

from training.measure.spread import main


def report(path, euler, seeds=8):
    figures = {"actions": {"walking": {"80": euler}}, "average": {"80": euler}}
    degrees = {"actions": {"walking": {"80": 10.0}}, "average": {"80": 10.0}}
    about = {"benchmark": "h36m", "subject": "S5", "seeds": seeds}
    path.write_text(json.dumps({**about, **figures, "geodesic_degrees": degrees}))
    return str(path)


def test_mean_and_sample_deviation_of_each_figure(tmp_path, capsys):
    files = [report(tmp_path / f"{i}.json", euler) for i, euler in enumerate((0.2, 0.3, 0.4))]
    main([*files, "--json", str(tmp_path / "all.json")])
    printed = capsys.readouterr().out
    assert "0.300 ± 0.100" in printed and "10.0 ± 0.0" in printed and "mpjpe" not in printed
    table = json.loads((tmp_path / "all.json").read_text())
    assert table["euler"]["average"]["80"] == pytest.approx([0.3, 0.1])


def test_other_windows_or_one_report_are_refused(tmp_path, capsys):
    files = [report(tmp_path / "8.json", 0.2), report(tmp_path / "256.json", 0.2, seeds=256)]
    for words in (files, files[:1], [*files[:1], str(tmp_path / "none.json")]):
        with pytest.raises(SystemExit):
            main(words)
        assert "expected files of evaluate short-term --json" in capsys.readouterr().err
