# SPDX-License-Identifier: GPL-3.0-or-later
"""A BVH file's motion as that of a character: metres, Y up, hips where they travel; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..continuation.model import CONTEXT_SECONDS
from ..maths import elementary
from ..maths.quaternion import IDENTITY, between, multiply, rotate
from ..rig.retarget import retarget_motion

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..body.motion import Motion
    from ..files.bvh import Bvh
    from ..rig.retarget import Retarget


_UP = np.array([0.0, 1.0, 0.0])
_AXIS = 0.999  # cosine: a body at rest stands along an axis of the file
_LEGS = 0.15, 3.5  # metres: other legs are no centimetres of anybody
_GROWN = 0.84  # metres: the legs of a person
_UNITS = {"metres": 1.0, "millimetres": 0.001, "inches": 0.0254, "feet": 0.3048}
_NAMED = 4  # joints in a warning


class BvhMotion:
    """A file's own motion on the canonical skeleton in the rig's proportions.

    told: warnings of what is not as in the file.
    """

    def __init__(self, bvh: Bvh, retarget: Retarget):
        self._bvh, self._retarget = bvh, retarget
        self._turn = _to_y_up(bvh, retarget)
        self.told = (*bvh.warnings, *_told_rigid(bvh, retarget), *self._told_turned())

    def whole(self) -> Motion:
        """All frames."""
        return self._canonical(slice(None))

    def ending(self) -> Motion:
        """The last seconds that a continuation begins with."""
        motion = self._bvh.motion
        return self._canonical(slice(len(motion) - len(motion.ending(CONTEXT_SECONDS)), None))

    def _canonical(self, frames):
        heads, turns = self._bvh.world(frames)
        hips = heads[:, self._retarget.bones["Hips"]]
        hips, turns = rotate(self._turn, hips), multiply(self._turn, turns)
        return retarget_motion(self._retarget, turns, hips, self._bvh.motion.fps)

    def _told_turned(self):
        if np.array_equal(self._turn, IDENTITY):
            return []
        axis = int(np.argmax(np.abs(self._retarget.rest_up)))
        sign = "-" if self._retarget.rest_up[axis] < 0.0 else ""
        return [f"The file has {sign}{'XYZ'[axis]} up: it is turned, and results have Y up"]


def _to_y_up(bvh, retarget):
    """The turn ``(4,)`` that a file's motion needs to have Y up: the identity where it has.

    Up is where the zero pose stands, unless the motion stands along Y: some files lie at rest and
    turn the root in each frame, as do our own results on the bones of a file with Z up.
    """
    up = retarget.rest_up
    if np.abs(up).max() < _AXIS or up @ _UP > _AXIS:
        return IDENTITY
    heads, _ = bvh.world()
    trunk = heads[:, retarget.bones["Head"]] - heads[:, retarget.bones["Hips"]]
    trunk = trunk.mean(axis=0)
    return between(up, _UP) if trunk @ up > trunk @ _UP else IDENTITY


def _told_rigid(bvh, retarget):
    """A warning that names the joints whose travel is left out: all but the hips and above."""
    rest, kept = retarget.rest, retarget.bones["Hips"]
    above = set()
    while kept >= 0:
        above.add(kept)
        kept = rest.parents[kept]
    names = [rest.names[joint] for joint in bvh.moving if joint not in above]
    if not names:
        return []
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    verb = "moves against its parent" if len(names) == 1 else "move against their parents"
    return [f"{', '.join(names[:_NAMED])}{more} {verb} in the file: taken as rigid"]


def require_size(source: Mapping[str, Any], retarget: Retarget) -> None:
    """ValueError for a file of which nobody said the unit, and that holds no centimetres."""
    legs, (least, most) = retarget.skeleton.leg_length, _LEGS
    if "unit" in source or least <= legs <= most:
        return
    name, unit = min(_UNITS.items(), key=lambda unit: _odd(100.0 * legs * unit[1]))
    raise ValueError(
        f"Expected {source['file']} in centimetres, got one whose legs then are {legs:.2g} m long. "
        f'Give the source its unit: with {name}, "unit": {unit:g}, they are '
        f"{100.0 * legs * unit:.2g} m."
    )


def _odd(legs):
    """How unlike a person's legs some are."""
    return abs(elementary.log(max(legs, 1e-9) / _GROWN))
