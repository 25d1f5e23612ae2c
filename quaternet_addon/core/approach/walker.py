# SPDX-License-Identifier: GPL-3.0-or-later
"""A far pose is walked to: the middle of the gap by the walk's model; pure.

In use:

    walker = Walker(walk_model)
    way = Reach(reach_model, context, keys, walker=walker)

The first and the last half second or so stay with the network of "reach a pose", which leads from
the body's motion into the walk and from the walk into the pose, exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES
from ..body.motion import Motion
from ..body.states import heading
from ..maths.quaternion import rotate, yaw_to_quaternion
from ..reach.far import is_walked, stride_of
from ..reach.features import PAST, RATE
from ..reach.pieces import Walked, asked_pose
from ..reach.standing import LEGS
from ..walk.itinerary import FASTEST, Itinerary
from ..walk.path import Path
from ..walk.walk import Walk
from .way_there import LEAD, SLOWEST, way_there

if TYPE_CHECKING:
    from ..body.skeleton import Skeleton
    from ..reach.pieces import Past
    from ..reach.reach import Key
    from ..walk.model import LocomotionModel
    from .way_there import WayThere

_UPRIGHT = 0.75  # of the hips' height at rest, and of their own up along the vertical
_GOES_ON = (
    1.6  # seconds beyond which who walks and is asked for an arm walks on by the walk's model
)
_STRIDE = 0.55  # seconds to each side in which the walk's frame is looked for that fits best
_STEP = 0.1  # seconds: so much of its velocity counts of a joint that moves otherwise
_SHIFT = 0.3  # metres of misfit for a metre by which the walk is moved along its way


class Walker:
    """Walks to poses for `reach.Reach`, in bodies of the model's size over a floor at 0.

    model: of the walk.
    """

    def __init__(self, model: LocomotionModel):
        self._model = model

    def __call__(
        self, past: Past, key: Key, seconds: float, body: Skeleton, seed: int
    ) -> Walked | None:
        """The part of a gap of so many seconds that is walked; None for what is none to be walked.

        past, key: on ``key.pose.skeleton``, whose proportions the walk has not: it is on ``body``.
        """
        pose = asked_pose(past, key)
        now = Motion(pose.skeleton, past.rotations[None], past.root[None], RATE)
        velocity = RATE * (past.root - past.before_roots[0])
        end = _end(past, key, pose, velocity, seconds)
        if end is None or not (_upright(now) and _upright(pose)):
            return None
        start = past.root, float(heading(past.rotations[0])), velocity
        way = way_there(start, end, seconds)
        if way.speed >= FASTEST:
            return None
        walk = self._walk(way, body, seed)
        return _cut(walk, way, now, velocity)

    def _walk(self, way, body, seed):
        """Along the whole curve at one speed, in full stride at both ends: a Motion at `RATE`."""
        path = Path(way.points)
        wish = Itinerary(
            duration=path.length / way.speed,
            standing_start=False,
            standing_end=False,
            facing=way.facing,
        )
        return Walk(self._model, path, seed=seed, fps=RATE, skeleton=body, itinerary=wish).run()


def _end(past, key, pose, velocity, seconds):
    """Hips, heading and stride to walk to, see `way_there`; None for what is none to be walked.

    Who walks and is asked for no more than an arm walks on.
    """
    facing = float(heading(pose.rotations[0, 0]))
    if not np.asarray(key.holds)[LEGS].any():
        steadily = RATE / PAST[-1] * (past.root - past.before_roots[-1]) * [1.0, 0.0, 1.0]
        goes_on = seconds > _GOES_ON and np.linalg.norm(steadily) > SLOWEST
        return (past.root + seconds * steadily, facing, 1.0) if goes_on else None
    away, speed = pose.root_positions[0] - past.root, float(np.linalg.norm(velocity[[0, 2]]))
    if not key.holds[0] or not is_walked(away, seconds, speed, pose):
        return None
    return pose.root_positions[0], facing, stride_of(pose)


def _upright(pose):
    up = rotate(pose.rotations[0, 0], np.array([0.0, 1.0, 0.0]))[1]
    return up > _UPRIGHT and pose.root_positions[0, 1] > _UPRIGHT * pose.skeleton.root_height


def _cut(walk: Motion, way: WayThere, now: Motion, velocity: np.ndarray) -> Walked:
    """The frames that fit between the ends, moved to where the body is by then."""
    path = Path(way.points)
    grid = np.linspace(0.0, path.length, 1 + int(path.length / 0.01))
    places = path.position(grid)[:, [0, 2]]
    away = walk.root_positions[:, None, [0, 2]] - places[None]
    along = grid[np.argmin((away**2).sum(-1), axis=1)]
    count = int(round((way.arrives - 2.0 * LEAD) * RATE))
    first = _best(walk, along - way.reached, now, velocity, count)
    moved = walk.turned(
        float(path.heading(np.array([way.reached]))[0] - path.heading(along[[first]])[0]),
        path.position(along[first]),
    ).moved(path.position(way.reached) - path.position(along[first]))
    lead = min(first, max(PAST))
    last = min(first + count, len(walk) - 1)
    return Walked(moved.slice(first - lead, last + 1), LEAD, lead, way.arrives)


def _best(walk, off, now, velocity, count):
    """The frame with which the walk begins: the body moves on into it, and it is near its place."""
    lead, room = int(round(LEAD * RATE)), int(_STRIDE * RATE)
    nearest = int(np.argmin(np.abs(off)))
    frames = np.arange(nearest - room, nearest + room + 1)
    frames = frames[(frames >= lead + 1) & (frames + count < len(walk))]
    if not len(frames):
        return nearest
    misfit = _SHIFT * np.abs(off[frames])
    if np.linalg.norm(velocity) > 0.3:  # who stands begins with either foot
        asked = _looks(now, velocity)
        misfit = misfit + [
            np.linalg.norm(_looks(walk.slice(f, f + 1), _steps(walk, f)) - asked, axis=-1).mean()
            for f in frames - lead
        ]
    return int(frames[np.argmin(misfit)])


def _steps(walk, frame):
    return walk.fps * (walk.root_positions[frame] - walk.root_positions[frame - 1])


def _looks(pose, velocity):
    """Places of the balls and hands over the hips, and the hips' velocity, as the body faces."""
    names = (*TOES, "LeftHand", "RightHand")
    points = pose.positions()[0, [pose.skeleton.index(name) for name in names]]
    looks = np.concatenate([points - pose.root_positions[0], _STEP * velocity[None]])
    return rotate(yaw_to_quaternion(-heading(pose.rotations[0, 0])), looks)
