# SPDX-License-Identifier: GPL-3.0-or-later
"""After every motion: does the evaluated rig do what was planned? A miss names its bone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.maths.quaternion import conjugate, multiply, rotate, yaw
from ...core.rig import motion_check
from ...core.rig.hand_clearance import floor_under
from .armature import Sampling, blender_to_core, rotations_of
from .body_width import trunk_points
from .companions import left_alone
from .foot_mesh import foot_points, hand_points
from .loose_skin import loose_meshes
from .skin import forget, skin_of
from .sunk_feet import sunk

if TYPE_CHECKING:
    from collections.abc import Sequence

    import bpy

    from ...core.body.motion import Motion
    from .driver import Driver


_FRAMES = 9
_FEET = ("LeftFoot", "RightFoot")
_AS_FLOOR = 0.3  # leg lengths: an origin so near to the feet's bones at rest is the floor
_AFLOAT = 0.12  # the same for soles of a mesh, see `core.rig.retarget.Retarget.rest_clearance`
_COUNTS = 0.1  # of a vertex's weights
_LEVEL = 0.001  # metres: of a floor that is one
_SHORT = 0.05  # leg lengths: of a foot that shows no direction


def misses(
    driver: Driver, motion: Motion, first: int, floor: np.ndarray | None = None
) -> list[str]:
    """Sentences on what the rig does not do as planned; none if all is well.

    driver: the `driver.Driver` of the motion. motion: `core.body.motion.Motion` in the world, as
    planned. first: the frame of its first one. floor: ``(T,)`` height of the ground under each
    frame, core space, metres; None: as at rest.
    """
    apart = [
        f"the armature {name!r} in the body does not follow it: parent it to a bone"
        for name in left_alone(driver.obj)
    ]
    forget()
    return unlike_the_plan(driver, motion, first, floor, driver.obj) + apart


def unlike_the_plan(
    driver: Driver,
    motion: Motion,
    first: int,
    floor: np.ndarray | None,
    obj: bpy.types.Object,
) -> list[str]:
    """`misses` without a look at other armatures, which walkers of a crowd are to each other.

    obj: what does the motion, a copy of the driver's rig or that itself. Skins are those of the
    driver's; `skin.forget` beforehand, as their weights may have been painted.
    """
    return _Check(driver, motion, first, floor, obj).misses()


class _Check:
    """One motion as it is evaluated at some frames."""

    def __init__(self, driver, motion, first, floor, obj):
        self.driver, self.rig = driver, driver.rig
        self.rows = np.unique(np.linspace(0, len(motion) - 1, _FRAMES).round().astype(int))
        self.motion, self.first, self.obj = driver.on_ground(motion), first, obj
        self.level = floor is not None and len(floor) > 0 and np.ptp(floor) < _LEVEL
        self.floor = None if floor is None else np.asarray(floor)[self.rows]
        self.bones = [self.rig.names.index(driver.mapping[joint]) for joint in _FEET]
        self.names = [driver.mapping[joint] for joint in _FEET]
        with Sampling(obj) as sampling:
            self.matrices, self.world = sampling.matrices(self.rig, first + self.rows)
        world = self.world[:, None] @ self.matrices[:, self.bones]
        self.feet = blender_to_core(world[..., :3, 3], self.rig.unit)
        self.turns = self._turns(world)
        self.rest = self.rig.rest_pose
        self.points = None
        if driver.options.standing is None:
            self.points = foot_points(driver.obj, self.rig, driver.mapping)
        self.legs = driver.skeleton.leg_length

    def _turns(self, world):
        """World turns of the feet against their rest ``(T, 2, 4)``, core space."""
        there = multiply(_AXES[None, None], rotations_of(world))
        return multiply(there, conjugate(self.rig.rest_pose.rotations[self.bones])[None])

    def misses(self) -> list[str]:
        """All sentences."""
        found = [self._footprints(), self._fronts(), self._soles() or _sunk(self)]
        found += _of_body_and_skin(self)
        return [text for text in found if text]

    def _footprints(self):
        off = motion_check.off_the_footprints(self.feet, self._planned(), self.legs)
        if off is None:
            return ""
        metres, foot = off
        return f"{self.names[foot]!r} is up to {metres:.2g} m away from its footprints"

    def _fronts(self):
        off = motion_check.off_the_front(self._directions(), self._headings())
        if off is None:
            return ""
        angle, foot = np.degrees(off[0]), self.names[off[1]]
        return f"{foot!r} points {angle:.0f} degrees away from the front of the body"

    def _planned(self):
        motion = self.motion
        index = [motion.skeleton.index(joint) for joint in _FEET]
        return motion.positions()[self.rows][:, index]

    def _headings(self):
        """Yaw ``(T,)`` of the body's front in the plan."""
        return yaw(self.motion.rotations[self.rows, 0])

    def _directions(self):
        """Where the feet point ``(T, 2, 3)``: their mesh, else what hangs on them; else NaN."""
        ways = np.full((2, 3), np.nan)
        for side, bone in enumerate(self.bones):
            ends = [child for child, parent in enumerate(self.rig.parents) if parent == bone]
            points = self.rest.heads[ends]
            if self.points is not None and len(self.points[side]):
                points = self.points[side]
            if len(points):
                way = points.mean(axis=0) - self.rest.heads[bone]
                up = self.up()
                way = way - (way @ up) * up
                if np.linalg.norm(way) > _SHORT * self.legs:
                    ways[side] = way
        return rotate(self.turns, ways[None])

    def up(self) -> np.ndarray:
        heads, bones = self.rest.heads, self.driver.retarget.bones
        up = heads[bones["Head"]] - heads[bones["Hips"]]
        axes = self.rig.axes.T
        axes = np.concatenate([axes, -axes])
        return axes[np.argmax(axes @ up)]

    def _soles(self):
        """Soles against the floor; where the rig's origin is no floor, nothing is known."""
        at_rest, rest = _at_rest(self), self.lowest_points()
        if self.floor is None or at_rest is None:
            return ""
        lowest = []
        for side, bone in enumerate(self.bones):
            away = self._behind_the_ball(side, rest[side]) - self.rest.heads[bone]
            moved = self.feet[:, side, None] + rotate(self.turns[:, side, None], away[None])
            lowest.append(moved[..., 1].min(axis=-1))
        heights = np.min(lowest, axis=0)
        name = self.names[int(np.argmin(np.min(lowest, axis=1)))]
        gap = motion_check.off_the_floor(heights, self.floor, at_rest, self.legs)
        if gap is None:
            return ""
        if gap > 0.0:
            return f"the soles are {gap:.2g} m over the floor ({name!r})"
        return f"the soles are {-gap:.2g} m under the floor ({name!r})"

    def _behind_the_ball(self, side, points):
        """Those points of a foot that its toes, which bend, do not carry."""
        ball = self.driver.retarget.bones.get(("LeftToeBase", "RightToeBase")[side])
        if ball is None:
            return points
        forward = self.rest.heads[ball] - self.rest.heads[self.bones[side]]
        forward = forward - (forward @ self.up()) * self.up()
        kept = points[(points - self.rest.heads[ball]) @ forward <= 1e-6]
        return kept if len(kept) else points

    def lowest_points(self) -> Sequence[np.ndarray]:
        """Points of the left and of the right foot at rest: of the mesh, else their bones."""
        if self.points is not None and all(map(len, self.points)):
            return self.points
        bones = self.driver.retarget.bones
        return [
            self.rest.heads[[bones[side + j] for j in ("Foot", "ToeBase") if side + j in bones]]
            for side in ("Left", "Right")
        ]


def _at_rest(check):
    """Height of the soles over the origin at rest, metres; None where that is no floor."""
    origin, up = check.rig.to_core(np.zeros(3)), check.up()
    at_rest = min(((points - origin) @ up).min() for points in check.lowest_points())
    if check.points is not None and abs(at_rest) > _AFLOAT * check.legs:
        at_rest = 0.0  # such an origin is no floor: soles go on to it
    return at_rest if abs(at_rest) <= _AS_FLOOR * check.legs else None


def _sunk(check):
    """A foot of a mesh that goes through a level floor in some frame."""
    at_rest = _at_rest(check)
    if not check.level or at_rest is None or check.points is None:
        return ""
    planned, floor = (check.motion, check.first), check.floor[0] + at_rest
    return sunk(check.driver, planned, floor, check.lowest_points(), check.obj)


def _of_body_and_skin(check):
    """Sentences, empty where there is nothing to say."""
    skin = check.driver, check.matrices
    return [_hands(check), _arms(check), _tear(*skin), _loose(*skin), _no_stand(check.driver)]


def _hands(check):
    """A hand, or what it holds, that goes through the floor of the plan."""
    driver, rig = check.driver, check.rig
    if driver.options.standing is not None:
        return ""
    floor = floor_under(check.motion)[check.rows]
    for name, points in hand_points(driver.obj, rig, driver.mapping).values():
        bone = rig.names.index(name)
        rest = np.array(driver.obj.data.bones[name].matrix_local, float)
        moved = check.world @ check.matrices[:, bone] @ np.linalg.inv(rest)
        places = np.einsum("tij,nj->tni", moved[:, :3, :3], points) + moved[:, None, :3, 3]
        heights = blender_to_core(places, rig.unit)[..., 1].min(axis=1)
        under = motion_check.through_the_floor(heights, floor, check.legs)
        if under is not None:
            return f"what {name!r} carries goes {under:.2g} m through the floor"
    return ""


def _arms(check):
    """An arm that lies in the trunk, as arms do that hang beside a person's hips."""
    driver, rig, bones = check.driver, check.rig, check.driver.retarget.bones
    trunk = trunk_points(driver.obj, rig, driver.retarget)
    if driver.options.standing is not None or not len(trunk):
        return ""
    rest = np.array(driver.obj.data.bones[driver.mapping["Hips"]].matrix_local, float)
    back = rest @ np.linalg.inv(check.matrices[:, bones["Hips"]])  # beside the hips at rest
    sides = []
    for side in ("Left", "Right"):
        upper = [bones[side + joint] for joint in ("Arm", "ForeArm")]
        ends = check.matrices[:, upper][..., :3, 3]
        if side + "Hand" in bones:
            ends = np.stack([ends[:, 1], check.matrices[:, bones[side + "Hand"], :3, 3]], axis=1)
        places = ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * np.linspace(0.0, 1.0, 5)[:, None]
        sides.append(places @ back[:, :3, :3].swapaxes(-1, -2) + back[:, None, :3, 3])
    arms = driver.retarget.upright(rig.to_core(np.stack(sides, axis=1)))
    heads = driver.retarget.upright(check.rest.heads)
    middle = 0.5 * (heads[bones["LeftArm"], 0] + heads[bones["RightArm"], 0])
    shift = np.array([middle, 0.0, 0.0])
    found = motion_check.in_the_trunk(arms - shift, trunk - shift, check.legs)
    if found is None:
        return ""
    arm = driver.mapping[("Left", "Right")[found[1]] + "ForeArm"]
    return f"{arm!r} lies {found[0]:.2g} m deep in the body: raise Arms Out"


def _tear(driver, matrices):
    """Skin that hangs on bones which stay behind. matrices: ``(T, B, 4, 4)``, armature space."""
    rig = driver.rig
    skin = skin_of(driver.obj, rig)
    if skin is None:
        return ""
    rest = np.array([np.array(bone.matrix_local) for bone in driver.obj.data.bones], float)
    turns = matrices[:: len(matrices) // 3 or 1] @ np.linalg.inv(rest)[None]
    legs = driver.skeleton.leg_length / rig.unit / rig.size
    hips, points = driver.retarget.bones["Hips"], skin.moved(turns)
    torn = motion_check.torn_edges(skin.lengths(points), skin.lengths(skin.points), legs)
    if len(torn):
        name = _left_behind(driver, skin, skin.edges[torn].ravel())
        return f"the skin is torn: part of it hangs on {name!r}"
    free = np.isin(skin.bones[:, 0], _uncarried(driver))  # what is held may be far away
    away = points - (turns[:, None, hips] @ np.append(rest[hips, :3, 3], 1.0))[..., :3]
    lost = motion_check.left_behind(away[:, free], (skin.points - rest[hips, :3, 3])[free], legs)
    if not len(lost):
        return ""
    name = _left_behind(driver, skin, np.flatnonzero(free)[lost])
    return f"part of the body stays behind on {name!r}"


def _no_stand(driver):
    """A frame that was chosen as the one to stand in, and in which nobody stands."""
    frame, fault = driver.options.standing, driver.retarget.stance.fault
    return f"{fault} in the frame in which it stands, {frame}" if frame and fault else ""


def _loose(driver, matrices):
    """Skin without weights, from which the body goes away."""
    hips = driver.obj.data.bones[driver.mapping["Hips"]]
    places = matrices[:, driver.retarget.bones["Hips"], :3, 3]
    away = np.linalg.norm(places - np.array(hips.head_local), axis=-1).max()
    legs = driver.skeleton.leg_length / driver.rig.unit / driver.rig.size
    if not motion_check.goes_away(away, legs):
        return ""
    found = loose_meshes(driver.obj)
    if not found:
        return ""
    return f"part of the mesh {found[0]!r} hangs on no bone and stays behind: give it weights"


def _uncarried(driver):
    """Indices of the bones that neither are mapped nor hang on one that is."""
    mapped = set(driver.mapping.values())
    return [
        index
        for index, bone in enumerate(driver.obj.data.bones)
        if not mapped & {bone.name, *(above.name for above in bone.parent_recursive)}
    ]


def _left_behind(driver, skin, ends):
    """The bone of most vertices that no joint carries, else of most. ends: their indices."""
    owners = skin.bones[ends][skin.weights[ends] > _COUNTS]
    free = set(_uncarried(driver))
    chosen = [owner for owner in owners if owner in free] or list(owners)
    names = [driver.rig.names[owner] for owner in chosen]
    return max(sorted(set(names)), key=names.count)


_AXES = np.array([np.sqrt(0.5), -np.sqrt(0.5), 0.0, 0.0])  # Blender's to core's
