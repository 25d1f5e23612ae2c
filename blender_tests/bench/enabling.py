# SPDX-License-Identifier: GPL-3.0-or-later
"""How long enabling the add-on takes, NumPy and Blender being there: processor time.

    python blender_tests/bench/enabling.py --zip ZIP                               (bpy wheel)
    blender -b --factory-startup --python blender_tests/bench/enabling.py -- --zip ZIP

Disabling forgets all sub-modules, so that each enabling imports them anew. Exits with 1 when the
bar is missed.
"""

import argparse
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support import user_folder

user_folder.make()  # before bpy is imported

import bpy
from support import install

BAR = 0.12  # seconds
TIMES = 7


def main():
    """Print the median; 1 if it misses the bar."""
    install.isolate()
    parser = argparse.ArgumentParser(description="Measure enabling.")
    parser.add_argument("--zip", required=True, help="the built zip of the add-on")
    package = install.install(parser.parse_args(install.arguments()).zip)
    sys.dont_write_bytecode = False  # whatever the environment says: users have what is compiled
    seconds = []
    for _ in range(TIMES):
        bpy.ops.preferences.addon_disable(module=package)
        start = time.process_time()
        bpy.ops.preferences.addon_enable(module=package)
        seconds.append(time.process_time() - start)
    median = sorted(seconds)[TIMES // 2]
    verdict = "ok" if median <= BAR else "MISSED"
    print(f"enabled in {median:.3f} s, processor time (bar {BAR}) {verdict}", flush=True)
    return 0 if median <= BAR else 1


if __name__ == "__main__":
    install.run_and_exit(main)
