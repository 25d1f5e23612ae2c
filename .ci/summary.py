# SPDX-License-Identifier: GPL-3.0-or-later
"""One closing line for many pytest runs: adds up the JUnit files in a folder.

python .ci/summary.py FOLDER
"""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

KINDS = ("failure", "error", "skipped")


def read_run(path):
    """``(counts by outcome, seconds, lines about what did not pass)`` of one JUnit file."""
    counts, seconds, lines = dict.fromkeys(("passed", *KINDS), 0), 0.0, []
    for suite in ET.parse(path).getroot().iter("testsuite"):
        seconds += float(suite.get("time", 0.0))
        for case in suite.iter("testcase"):
            outcome = next((kind for kind in KINDS if case.find(kind) is not None), "passed")
            counts[outcome] += 1
            if outcome != "passed":
                message = case.find(outcome).get("message", "").partition("\n")[0]
                name = f"{case.get('classname')}::{case.get('name')}"
                lines.append(f"{outcome.upper():8}{path.stem}: {name} - {message}")
    return counts, seconds, lines


def main():
    """Print a line for each run and for each test that did not pass, then the totals."""
    totals, total_seconds = dict.fromkeys(("passed", *KINDS), 0), 0.0
    for path in sorted(Path(sys.argv[1]).glob("*.xml")):
        counts, seconds, lines = read_run(path)
        told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        print("\n".join([*lines, f"{path.stem}: {told or 'no tests'} in {seconds:.2f}s"]))
        totals = {kind: totals[kind] + counts[kind] for kind in totals}
        total_seconds += seconds
    words = {"failure": "failed", "error": "errors", "passed": "passed", "skipped": "skipped"}
    told = ", ".join(f"{totals[kind]} {word}" for kind, word in words.items() if totals[kind])
    print(f" {told or 'no tests ran'} in {total_seconds:.2f}s ".center(80, "="))
    return 1 if totals["failure"] or totals["error"] or not totals["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
