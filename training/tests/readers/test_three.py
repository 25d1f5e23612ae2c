# SPDX-License-Identifier: GPL-3.0-or-later
"""three.js in Chromium without a screen plays GLB and FBX files: its bones are where ours are."""

import functools
import html
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest
from readers.files import HERE, at, expected, plain

ALONE = ["body", "bones", "loop", "root", "in_place", "own"]
TIMES = [0.5, 0.9]  # seconds: between frames of no file that is tried
MILLIMETRE = 1e-3


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *rest, places, **options):
        self._places = places
        super().__init__(*rest, **options)

    def translate_path(self, path):
        first, _, rest = path.partition("?")[0].lstrip("/").partition("/")
        return str(self._places[first] / rest) if rest else str(self._places[first])

    def log_message(self, *_):
        pass


@pytest.fixture
def three():
    """``three(folder, files, times)``: what three.js makes of files, by `three_joints.html`."""
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    browser = next(filter(None, map(shutil.which, names)), None)
    modules = os.environ.get("QUATERNET_NODE_MODULES")
    if browser is None or modules is None:
        pytest.skip("needs Chromium (Debian: chromium-headless-shell), and npm's three")

    def three(folder, files, times):
        places = {"npm": Path(modules), "files": folder, "page": HERE / "three_joints.html"}
        handler = functools.partial(_Quiet, places=places)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            asked = f"files={','.join(files)}&times={','.join(map(str, times))}"
            page = f"http://127.0.0.1:{server.server_address[1]}/page?{asked}"
            found = json.loads(_dumped(browser, page))
            server.shutdown()
        return found

    return three


def _dumped(browser, page):
    """What the page wrote, when it has loaded all."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000"]
    command = [browser, *options, "--dump-dom", page]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    text = re.search(r'<pre id="found">(.*?)</pre>', told.stdout, re.DOTALL)[1]
    assert text, told.stderr[-2000:]
    return html.unescape(text)


@pytest.mark.parametrize("suffix", ["glb", "fbx"])
def test_joints_are_where_our_own_file_has_them(written, three, suffix):
    found = three(written, [f"{stem}.{suffix}" for stem in ALONE], TIMES)
    for stem in ALONE:
        fps, places = expected(written, stem)
        file = found[f"{stem}.{suffix}"]
        assert "error" not in file, file
        bones = {plain(name): np.array(at_times) for name, at_times in file["bones"]}
        assert set(places) <= set(bones)
        for name, motion in places.items():
            wanted, what = at(motion, fps, TIMES), f"{stem} {name}"
            np.testing.assert_allclose(bones[name], wanted, atol=MILLIMETRE, err_msg=what)


@pytest.mark.parametrize("suffix", ["glb", "fbx"])
def test_clips_have_the_files_name_and_their_length(written, three, suffix):
    found = three(written, [f"{stem}.{suffix}" for stem in ALONE], [0.0])
    for stem in ALONE:
        fps, places = expected(written, stem)
        ((name, seconds),) = found[f"{stem}.{suffix}"]["clips"]
        assert name == stem
        frames = len(next(iter(places.values())))
        assert seconds == pytest.approx((frames - 1) / fps, abs=1e-4)


@pytest.mark.parametrize("suffix", ["glb", "fbx"])
def test_a_loop_goes_on_from_its_first_frame(written, three, suffix):
    """At its length it is where it was at 0, a round later where it was in the round before."""
    fps, places = expected(written, "in_place")
    period = (len(next(iter(places.values()))) - 1) / fps
    times = [0.2, period - 1e-4, period + 0.2]
    bones = three(written, [f"in_place.{suffix}"], times)[f"in_place.{suffix}"]["bones"]
    for name, (soon, last, again) in bones:
        np.testing.assert_allclose(again, soon, atol=MILLIMETRE, err_msg=name)
        if plain(name) in places:
            first = places[plain(name)][0]
            np.testing.assert_allclose(last, first, atol=2 * MILLIMETRE, err_msg=name)


@pytest.mark.parametrize("suffix", ["glb", "fbx"])
def test_the_root_bone_travels_with_root_motion_and_stays_in_place(written, three, suffix):
    files = [f"{stem}.{suffix}" for stem in ("root", "in_place")]
    fps, places = expected(written, "root")
    hips = next(wanted for name, wanted in places.items() if name.endswith("hips"))
    times = [0.0, (len(hips) - 1) / fps - 1e-3]
    found = three(written, files, times)
    start, end = np.array(dict(found[files[0]]["bones"])["root"])
    np.testing.assert_allclose(start[1], 0.0, atol=0.02)
    np.testing.assert_allclose((end - start)[[0, 2]], (hips[-1] - hips[0])[[0, 2]], atol=0.1)
    start, end = np.array(dict(found[files[1]]["bones"])["root"])
    np.testing.assert_allclose(start, end, atol=1e-5)


def test_meshes_come_along_if_asked(written, three):
    files = [f"{stem}.{suffix}" for stem in ("body", "bones") for suffix in ("glb", "fbx")]
    found = three(written, files, [0.0])
    assert [found[file]["skinned"] > 0 for file in files] == [True, True, False, False]


def hips_of(folder, stem, three, files):
    """Where three.js has the hips of three walkers, and where our own files have them."""
    bones = [bone for file in three(folder, files, TIMES).values() for bone in file["bones"]]
    found = [np.array(places) for name, places in bones if "hips" in plain(name)]
    wanted = [expected(folder, f"{stem}_{index:03d}") for index in range(3)]
    return found, [at(places["mixamorighips"], fps, TIMES) for fps, places in wanted]


def test_a_crowd_is_in_one_gltf_file(written, three):
    """Not in FBX: three.js plays bones of one name as one, whoever's they are."""
    found, wanted = hips_of(written, "crowd", three, ["crowd.glb"])
    for places in wanted:
        assert min(np.abs(places - other).max() for other in found) < MILLIMETRE


@pytest.mark.parametrize("suffix", ["glb", "fbx"])
def test_walkers_of_a_split_crowd_are_each_in_a_file(written, three, suffix):
    files = [f"split_{index:03d}.{suffix}" for index in range(3)]
    found, wanted = hips_of(written, "split", three, files)
    np.testing.assert_allclose(found, wanted, atol=MILLIMETRE)
