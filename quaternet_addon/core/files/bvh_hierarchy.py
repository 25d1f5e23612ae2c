# SPDX-License-Identifier: GPL-3.0-or-later
"""The first part of a BVH file: its joints, and how many frames there are; pure."""

from __future__ import annotations

import re
from pathlib import Path

from ..networks.untrusted import shown

_LONGEST_HEAD = 2**20  # bytes up to the motion
_MOST_FRAMES = 10_000_000
_MOST_JOINTS = 2000
_FREE = 1_000_000  # rotations that need no numbers in the file
_LONGEST_LINE = 10_000  # characters
_LINE = re.compile(r"\S[^\n]*")


def bvh_head(path: Path | str) -> tuple[list[str], int, float]:
    """Names of the joints, number of frames and frames a second, from a file's first lines.

    ValueError for a file that does not begin as BVH does, or most of whose joints have no channels.
    The motion is not read.
    """
    with Path(path).open("rb") as file:
        text = file.read(_LONGEST_HEAD).decode("utf-8", "replace")
    head = Hierarchy(text)
    return head.names, head.frames, 1.0 / head.seconds


class Hierarchy:
    """The joints of a file, read line by line, up to and with the frame time."""

    def __init__(self, text):
        self.names, self.parents, self.offsets, self.channels = [], [], [], []
        self.ends = {}  # joint -> end site
        self._text, self._at, self._line = text, 0, 0
        self._expect("HIERARCHY")
        self._read_joints()
        self._expect("MOTION")
        self.frames = self._value("Frames:", int, 1, _MOST_FRAMES)
        self.seconds = self._value("Frame Time:", float, 1e-6, 1e4)
        self.motion_at = self._at
        self.columns = self._columns()

    def _columns(self):
        """Numbers of a frame; ValueError where frames would take memory that no number asks for."""
        columns = sum(len(kinds) for kinds in self.channels)
        still = sum(not kinds for kinds in self.channels)
        if self.frames * still > self.frames * columns + _FREE:
            raise ValueError(
                f"expected channels for most of its {len(self.names)} joints, got none for {still}"
            )
        return columns

    def _next(self):
        """Words of the next line that has any."""
        found = _LINE.search(self._text, self._at)
        if found is None:
            raise ValueError("it ends too early" if self._text.strip() else "the file is empty")
        self._line, self._at = found.start(), found.end()
        return found.group()[:_LONGEST_LINE].split()

    def _expect(self, word):
        words = self._next()
        if words != [word]:
            self._fail(word, words)

    def _fail(self, expected, words):
        number = self._text.count("\n", 0, self._line) + 1
        got = shown(" ".join(words)[:60])
        raise ValueError(f"line {number}: expected {expected}, got {got}")

    def _value(self, label, kind, lowest, highest):
        words = self._next()
        text = " ".join(words)
        if not text.startswith(label):
            self._fail(label, words)
        return self._in_range(text[len(label) :], kind, lowest, highest, words)

    def _in_range(self, text, kind, lowest, highest, words):
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not lowest <= value <= highest:
            self._fail(f"a number from {lowest:g} to {highest:g}", words)
        return value

    def _triple(self):
        words = self._next()
        if words[0] != "OFFSET" or len(words) != 4:
            self._fail("OFFSET and three numbers", words)
        return [self._in_range(word, float, -1e9, 1e9, words) for word in words[1:]]

    def _read_joints(self):
        open_joints = []
        while True:
            words = self._next()
            if words == ["}"] and open_joints:
                open_joints.pop()
                if not open_joints:
                    return
            elif words[0] in {"ROOT", "JOINT"} and (words[0] == "ROOT") == (not open_joints):
                self._read_joint("_".join(words[1:]), open_joints[-1] if open_joints else -1)
                open_joints.append(len(self.names) - 1)
            elif words[0].lower() == "end" and open_joints:
                self._expect("{")
                self.ends[open_joints[-1]] = self._triple()
                self._expect("}")
            else:
                self._fail("JOINT, End Site or }" if open_joints else "ROOT", words)

    def _read_joint(self, name, parent):
        if len(self.names) >= _MOST_JOINTS:
            raise ValueError(f"expected at most {_MOST_JOINTS} joints, got more")
        self._expect("{")
        self.names.append(name)
        self.parents.append(parent)
        self.offsets.append(self._triple())
        words = self._next()
        kinds = [word.lower() for word in words[2:]]
        letters = [kind[0] for kind in kinds if kind[1:] == "rotation"]
        places = [kind[0] for kind in kinds if kind[1:] == "position"]
        sound = words[0] == "CHANNELS" and words[1:2] == [str(len(kinds))]
        if (
            not sound
            or len(letters) + len(places) != len(kinds)
            or (
                sorted(letters) not in ([], ["x", "y", "z"])
                or sorted(places) not in ([], ["x", "y", "z"])
            )
        ):
            self._fail("CHANNELS, their number and names", words)
        self.channels.append(kinds)
