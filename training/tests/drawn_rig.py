# SPDX-License-Identifier: GPL-3.0-or-later
"""A synthetic rig for tests: canonical bones of other proportions, in any posture and place."""

import numpy as np

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, Skeleton
from quaternet_addon.core.maths.quaternion import (
    axis_angle_to_quaternion,
    between,
    multiply,
    normalize,
    rotate,
)
from quaternet_addon.core.rig.rest_pose import RestPose

X, Y, Z = np.eye(3)
UPRIGHT = np.array([1.0, 0.0, 0.0, 0.0])
ALL = QUATERNET_SKELETON.names


def degrees(axis, value):
    return axis_angle_to_quaternion(axis, np.radians(value))


def posture(arms=0.0, elbows=0.0, knees=0.0, splay=0.0, lean=0.0, **_):
    """Canonical rotations of a rest posture, degrees: arms down, elbows forward, knees bent."""
    rotations = np.tile(UPRIGHT, (26, 1))
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        for joint, axis, value in (
            ("Arm", Z, -sign * arms),
            ("ForeArm", Y, -sign * elbows),
            ("UpLeg", X, -0.5 * knees),
            ("Leg", X, knees),
            ("Foot", Y, sign * splay),
        ):
            rotations[ALL.index(side + joint)] = degrees(axis, value)
    rotations[ALL.index("LowerBack")] = degrees(X, lean)
    return rotations


class Rig:
    """A synthetic armature: canonical bones of other proportions, in any posture and place.

    without: canonical joints that the rig has no bone for (their children hang one higher).
    """

    def __init__(self, *, world=UPRIGHT, scale=1.0, seed=0, without=(), extras=False, **rest):
        random = np.random.default_rng(seed)
        offsets = QUATERNET_SKELETON.offsets * random.uniform(0.8, 1.25, (26, 1))
        offsets[[ALL.index("LHipJoint"), ALL.index("RHipJoint")]] = [[0.02, 0, 0], [-0.02, 0, 0]]
        body = Skeleton(ALL, QUATERNET_SKELETON.parents, offsets, 1.0)
        heads, _ = body.forward_kinematics(posture(**rest), np.array([0.3, 1.0, 0.2]))
        kept = [j for j, name in enumerate(ALL) if name not in without]
        parents = [_kept_above(j, kept) for j in kept]
        self.names = [f"bone_{ALL[j]}" for j in kept]
        self.mapping = {ALL[j]: f"bone_{ALL[j]}" for j in kept}
        self.parents = [-1 if p < 0 else kept.index(p) for p in parents]
        heads = heads[kept]
        self._set_tails(heads)
        if extras:
            heads = self._add_extras(heads)
        directions = self.tails - heads
        rolls = axis_angle_to_quaternion(Y, random.uniform(-np.pi, np.pi, len(heads)))
        rotations = multiply(between(Y, directions), rolls)
        self.heads, self.tails = (scale * rotate(world, points) for points in (heads, self.tails))
        self.rotations = multiply(world, rotations)

    def _set_tails(self, heads):
        tails = heads + [0.0, 0.05, 0.0]
        for bone, parent in reversed(list(enumerate(self.parents))):
            if parent >= 0 and np.linalg.norm(heads[bone] - heads[parent]) > 1e-3:
                tails[parent] = heads[bone]
        for bone, name in enumerate(self.names):
            if name.endswith("ToeBase") or (name.endswith("Foot") and bone not in self.parents):
                tails[bone] = heads[bone] + (0.0, 0.0, 0.06)
        self.tails = tails

    def _add_extras(self, heads):
        """A root bone under the hips, a twist bone in each upper arm, a finger and a tail."""
        names, parents = ["root", *self.names], [-1] + [p + 1 for p in self.parents]
        parents[1] = 0
        heads = np.concatenate([[[0.3, 0.0, 0.2]], heads])
        tails = np.concatenate([[[0.3, 0.0, 0.5]], self.tails])
        for name, parent in (
            ("twist", "bone_LeftArm"), ("twist", "bone_RightArm"), ("finger", "bone_LeftHand"),
            ("tail", "bone_Hips"),
        ):  # fmt: skip
            above = names.index(parent)
            half = 0.5 * (heads[above] + tails[above])
            names.append(f"{name}_{parent}")
            parents.append(above)
            heads, tails = np.vstack([heads, half]), np.vstack([tails, tails[above]])
        for side in ("Left", "Right"):  # the forearm hangs on the twist bone
            child = names.index(f"bone_{side}ForeArm")
            parents[child] = names.index(f"twist_bone_{side}Arm")
        order = _parents_first(parents)
        self.names = [names[i] for i in order]
        self.parents = [-1 if parents[i] < 0 else order.index(parents[i]) for i in order]
        self.tails = tails[order]
        return heads[order]

    def rest(self):
        return RestPose(tuple(self.names), tuple(self.parents), self.heads, self.tails,
                        self.rotations)  # fmt: skip

    def index(self, joint):
        return self.names.index(self.mapping[joint])

    def pose(self, basis, hips):
        """Globals and heads ``(T, B, ...)`` for bone-space ``basis: (T, B, 4)`` and the hips."""
        world, heads = [], []
        for bone, parent in enumerate(self.parents):
            if parent < 0:
                world.append(multiply(self.rotations[bone][None], basis[:, bone]))
                heads.append(np.broadcast_to(self.heads[bone], (len(basis), 3)))
                continue
            delta = multiply(world[parent], inverse(self.rotations[parent])[None])
            world.append(multiply(multiply(delta, self.rotations[bone][None]), basis[:, bone]))
            heads.append(heads[parent] + rotate(delta, self.heads[bone] - self.heads[parent]))
        heads = np.stack(heads, 1)
        heads += (hips - heads[:, self.index("Hips")])[:, None]
        return np.stack(world, 1), heads

    def random_pose(self, frames=5, joints=ALL, seed=3):
        """Random turns of the bones mapped to ``joints``; the others at rest."""
        random = np.random.default_rng(seed)
        basis = np.tile(UPRIGHT, (frames, len(self.names), 1))
        for joint in joints:
            if joint in self.mapping:
                basis[:, self.index(joint)] = normalize(random.normal(size=(frames, 4)))
        return self.pose(basis, random.normal(size=(frames, 3)))


def inverse(q):
    return q * [1.0, -1.0, -1.0, -1.0]


def _kept_above(joint, kept):
    parent = QUATERNET_SKELETON.parents[joint]
    while parent >= 0 and parent not in kept:
        parent = QUATERNET_SKELETON.parents[parent]
    return parent


def _parents_first(parents):
    depth = {}
    for bone in range(len(parents)):
        chain = [bone]
        while parents[chain[-1]] >= 0:
            chain.append(parents[chain[-1]])
        depth[bone] = len(chain)
    return sorted(depth, key=depth.get)
