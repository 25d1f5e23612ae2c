# SPDX-License-Identifier: GPL-3.0-or-later
"""Quality of what is shipped: ``python -m training.measure.quality [MODEL] [--data DIR]``.

The walk on test paths and its gait (``training.walk.gait.quality``); with recordings (``--data``,
or ../shared/data where it is) the other modes; last a table of every bar. Exits with 1 when one
is missed.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from quaternet_addon.core.walk.walk import DEFAULT_MODEL

from ..bars import print_bars
from ..parsers import parser_of
from ..presets import JUDGED
from ..walk.gait.quality import rows as gait_rows
from ..walk.quality import OUR_DATA, recorded_skate, walk_rows

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Print each mode's tables, then one of all bars; 1 when a bar is missed."""
    parser = parser_of("training.measure.quality", __doc__)
    parser.add_argument("model", nargs="?", default=DEFAULT_MODEL, help="of the walk")
    parser.add_argument("--data", type=FilePath, help="folder of motion capture")
    parsed = parser.parse_args(arguments)
    data = parsed.data or (OUR_DATA if OUR_DATA.is_dir() else None)
    found = walk_rows(parsed.model)
    print("\ngait:")
    found += gait_rows(data, parsed.model)
    if data:
        print("\nskate of the recordings themselves:")
        for path, ratio in recorded_skate(data).items():
            print(f"{path:<46}{ratio:.3f}")
        for mode in JUDGED:
            print()
            found += importlib.import_module(f"..{mode}.quality", __package__).rows(data)
    else:
        print("\nOnly the walk was measured: the others need recordings, --data DIR.")
    return print_bars(found)


if __name__ == "__main__":
    sys.exit(main())
