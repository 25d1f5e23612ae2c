# SPDX-License-Identifier: GPL-3.0-or-later
"""The notebook runs from top to bottom on tiny data, and shows what it says."""

import json
from pathlib import Path

import pytest
from tiny_data import swinging_limbs

from training.data.dataset import save_dataset

ROOT = Path(__file__).resolve().parents[3]
NOTEBOOK = ROOT / "training" / "visualization.ipynb"
pytest.importorskip("torch")
pytest.importorskip("matplotlib")


def cells(kind):
    content = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == kind]


def shown(source, names):
    """Run a cell; the value of its last line, as a notebook shows it."""
    *lines, last = [line for line in source.splitlines() if not line.startswith("%")]
    if last[:1].isspace() or last.startswith((")", "]")) or " = " in last:
        exec("\n".join([*lines, last]), names)  # noqa: S102 - our own notebook
        return None
    exec("\n".join(lines), names)  # noqa: S102
    return eval(last, names)  # noqa: S307


def test_every_cell_runs_and_films_are_players(tmp_path, monkeypatch, capsys):
    import matplotlib as mpl
    from matplotlib.animation import FuncAnimation

    save_dataset(tmp_path / "limbs.npz", swinging_limbs(takes=3, frames=80, benchmark=False))
    monkeypatch.setenv("QUATERNET_DATA", str(tmp_path / "limbs.npz"))
    monkeypatch.setenv("QUATERNET_SECONDS", "1")
    monkeypatch.chdir(ROOT)
    names, films = {}, []
    with mpl.rc_context():
        for source in cells("code"):
            value = shown(source, names)
            if isinstance(value, FuncAnimation):
                value._draw_frame(0)
                films.append(value)
        assert "walking" in capsys.readouterr().out
        assert len(films) == 4
        assert "<script" in films[0].to_jshtml(embed_frames=True)


def test_the_notebook_is_kept_without_outputs():
    content = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    assert code and all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
