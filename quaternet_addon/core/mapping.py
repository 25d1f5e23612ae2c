# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bone of a rig is which canonical joint: detection and validation, pure.

Names propose, the hierarchy decides: limbs are recognised by name on each side, then the trunk
follows as the paths between them (the hips are where legs and trunk meet, the chest where arms
and neck meet), whatever its bones are called. Geometry has the last word on what stands upright.
"""

from dataclasses import dataclass, field

import numpy as np

from .bone_names import SIDES, label_bones, side_of
from .skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS

DOUBTFUL = 0.75  # a joint below this confidence is worth a look
_MOST_MISSING = 4  # required joints; with more it is not a person
_MAX_LEAN = np.radians(50.0)  # of the line hips-head against the legs; four-legged: 65 and more


@dataclass(frozen=True)
class Detection:
    """mapping: joint -> bone name. confidence: 0 to 1, of the whole. doubtful: joints to check.

    problems: what `validate` says of the mapping.
    """

    mapping: dict
    confidence: float
    doubtful: tuple = ()
    problems: tuple = ()

    @property
    def usable(self):
        """True if every required joint has a fitting bone."""
        return bool(self.mapping) and not any(p.level == "ERROR" for p in self.problems)

    @property
    def completable(self):
        """True if it is usable but for a few joints that a person can add by hand."""
        errors = [problem for problem in self.problems if problem.level == "ERROR"]
        missing = [joint for joint in REQUIRED_JOINTS if joint not in self.mapping]
        return bool(missing) and len(errors) == 1 and len(missing) <= _MOST_MISSING


@dataclass(frozen=True)
class Problem:
    """level: "ERROR" or "WARNING". joints: whom it concerns. message: what to do about it."""

    level: str
    message: str
    joints: tuple = ()


@dataclass
class _Tree:
    """The rig as the detection sees it; heads and tails ``(B, 3)``, any axes, any unit."""

    names: tuple
    parents: tuple
    heads: np.ndarray
    tails: np.ndarray
    labels: list = field(default_factory=list)

    def ancestors(self, bone):
        """From the bone itself up to its root."""
        line = []
        while bone >= 0:
            line.append(bone)
            bone = self.parents[bone]
        return line

    def meeting(self, first, second):
        """The lowest common ancestor, or None."""
        line = set(self.ancestors(first))
        return next((bone for bone in self.ancestors(second) if bone in line), None)

    def path(self, upper, lower):
        """Bones strictly between ``upper`` and ``lower``, from the top; None if not below."""
        line = self.ancestors(lower)
        if upper not in line:
            return None
        return line[1 : line.index(upper)][::-1]

    def children(self, bone):
        return [child for child, parent in enumerate(self.parents) if parent == bone]

    def below(self, bone):
        """All descendants, parents first."""
        return [other for other in range(len(self.names)) if bone in self.ancestors(other)[1:]]


def detect(names, parents, heads, tails):
    """Find the canonical joints among the bones of a rig.

    names: B bone names. parents: B indices, parents first, -1 for roots. heads, tails: ``(B, 3)``
    rest positions in any axes and unit. Returns a `Detection`; joints that were not found are
    absent from its mapping, so that a partial result can be completed by hand.
    """
    tree = _Tree(tuple(names), tuple(parents), np.asarray(heads, float), np.asarray(tails, float))
    tree.labels = label_bones(names)
    scores = {}
    for side in SIDES:
        _add(scores, side, _leg(tree, side))
        _add(scores, side, _arm(tree, side))
    _add_trunk(tree, scores)
    found = {joint: tree.names[bone] for joint, (bone, _) in scores.items()}
    mapping = {joint: found[joint] for joint in QUATERNET_SKELETON.names if joint in found}
    problems = validate(mapping, names, parents, heads, tails)
    doubtful = tuple(joint for joint in mapping if scores[joint][1] < DOUBTFUL)
    required = [scores[joint][1] if joint in scores else 0.0 for joint in REQUIRED_JOINTS]
    plausible = 0.5 ** sum(p.level == "ERROR" for p in problems)
    return Detection(mapping, float(np.mean(required)) * plausible, doubtful, problems)


def _add(scores, side, chain):
    for role, (bone, score) in chain.items():
        scores[side[0] + role if role == "HipJoint" else side + role] = (bone, score)


# --- limbs


def _best(tree, bones, role, side):
    """The bone of that role and side with the least cost, the uppermost of equals; or None."""
    fitting = [b for b in bones if tree.labels[b].role == role and tree.labels[b].side == side]
    depth = {bone: len(tree.ancestors(bone)) for bone in fitting}
    return min(fitting, key=lambda b: (round(tree.labels[b].cost, 1), depth[b]), default=None)


def _score(tree, bone):
    return 1.0 - min(tree.labels[bone].cost, 0.6)


def _chain(tree, side, upper, middle, lower):
    """Three bones of a limb, each below the one before; what names lack, the hierarchy fills in."""
    everything = range(len(tree.names))
    best, best_cost = {}, np.inf
    tops = [b for b in everything if tree.labels[b].role == upper and tree.labels[b].side == side]
    for top in tops:
        chain = _limb_below(tree, side, top, (upper, middle, lower))
        cost = sum(1.0 - score for _, score in chain.values()) + 2.0 * (3 - len(chain))
        cost += 0.01 * len(tree.ancestors(top))
        if cost < best_cost:
            best, best_cost = chain, cost
    return best


def _limb_below(tree, side, top, roles):
    upper, middle, lower = roles
    chain = {upper: (top, _score(tree, top))}
    below = tree.below(top)
    joint = _best(tree, below, middle, side)
    end = _best(tree, tree.below(joint) if joint is not None else below, lower, side)
    if joint is None and end is not None:  # the bend that nobody named: the middle of the limb
        between = tree.path(top, end)
        joint = _nearest_to_middle(tree, between, top, end)
    if joint is not None:
        named = tree.labels[joint].role == middle
        chain[middle] = (joint, _score(tree, joint) if named else 0.6)
    if end is None and joint is not None and middle == "Leg":
        end = _longest_child(tree, joint)
        if end is not None:
            chain[lower] = (end, 0.5)
    elif end is not None:
        chain[lower] = (end, _score(tree, end))
    return chain


def _nearest_to_middle(tree, bones, top, end):
    if not bones:
        return None
    middle = 0.5 * (tree.heads[top] + tree.heads[end])
    return min(bones, key=lambda bone: np.linalg.norm(tree.heads[bone] - middle))


def _longest_child(tree, bone):
    children = [c for c in tree.children(bone) if tree.labels[c].cost < 0.5]
    return max(
        children, key=lambda c: np.linalg.norm(tree.heads[c] - tree.heads[bone]), default=None
    )


def _leg(tree, side):
    chain = _chain(tree, side, "UpLeg", "Leg", "Foot")
    if "Foot" in chain:
        toe = _best(tree, tree.below(chain["Foot"][0]), "ToeBase", side)
        if toe is not None and tree.labels[toe].cost < 0.5:
            chain["ToeBase"] = (toe, _score(tree, toe))
    return chain


def _arm(tree, side):
    chain = _chain(tree, side, "Arm", "ForeArm", "Hand")
    if "Hand" in chain:
        below = tree.below(chain["Hand"][0])
        finger = _best(tree, below, "HandIndex1", side)
        if finger is not None and tree.labels[finger].cost < 0.5:
            chain["HandIndex1"] = (finger, _score(tree, finger))
    return chain


# --- trunk


def _add_trunk(tree, scores):
    """Hips, spine, neck, head, clavicles and hip joints, from where the limbs meet."""
    legs = [scores[side + "UpLeg"][0] for side in SIDES if side + "UpLeg" in scores]
    arms = [scores[side + "Arm"][0] for side in SIDES if side + "Arm" in scores]
    if len(legs) < 2 or len(arms) < 2:
        return
    chest = tree.meeting(*arms)
    pelvis = tree.meeting(*legs)
    hips = None if None in (chest, pelvis) else tree.meeting(pelvis, chest)
    if hips is None or hips == chest:
        return
    if "neck" in tree.labels[chest].spelling and tree.parents[chest] != hips:
        chest = tree.parents[chest]  # Biped hangs its clavicles on the neck
    head = _head(tree, chest, set(arms))
    scores["Hips"] = (hips, 1.0 if _reads(tree, hips, "hip pelvis root cog spine") else 0.8)
    scores["Spine"] = (chest, 1.0 if _reads(tree, chest, "spine chest torso thorax back") else 0.8)
    back = tree.path(hips, chest)
    if back:
        scores["LowerBack"] = (back[0], 1.0)
    if head is not None:
        scores["Head"] = (head, 1.0 if tree.labels[head].role == "Head" else 0.8)
        necks = tree.path(chest, head)
        if necks:
            scores["Neck"] = (necks[0], 1.0)
        if len(necks) > 1:
            scores["Neck1"] = (necks[-1], 1.0)
    for side in SIDES:
        _add_between(tree, scores, side + "Shoulder", chest, side + "Arm", "Shoulder")
        _add_between(tree, scores, side[0] + "HipJoint", hips, side + "UpLeg", "HipJoint")


def _reads(tree, bone, words):
    return any(word in tree.labels[bone].spelling for word in words.split())


def _add_between(tree, scores, joint, upper, limb, role):
    """The one-sided bone between trunk and limb, if any."""
    limb_bone = scores[limb][0]
    side = "Left" if limb.startswith("Left") else "Right"
    between = [b for b in tree.path(upper, limb_bone) or [] if tree.labels[b].side == side]
    own = [bone for bone in between if tree.labels[bone].role == role]
    if own:
        scores[joint] = (own[0], _score(tree, own[0]))
    elif role == "Shoulder" and between:
        scores[joint] = (between[0], 0.7)


def _head(tree, chest, arms):
    """The bone named head above the chest, else the end of the neck's chain."""
    below = tree.below(chest)
    named = [b for b in below if tree.labels[b].role == "Head" and not tree.labels[b].side]
    if named:
        return min(named, key=lambda b: (tree.labels[b].cost, len(tree.ancestors(b))))
    bone, last = chest, None
    while bone is not None:
        last, bone = bone, _next_up(tree, bone, arms)
    return None if last == chest else last


def _next_up(tree, bone, arms):
    """The child that continues the neck: same spelling or "neck", no side, carrying no arm."""
    trunk = [
        child
        for child in tree.children(bone)
        if not tree.labels[child].side
        and not arms & {child, *tree.below(child)}
        and tree.labels[child].cost < 0.5
    ]
    alike = [c for c in trunk if tree.labels[c].spelling == tree.labels[bone].spelling]
    alike += [c for c in trunk if "neck" in tree.labels[c].spelling]
    return alike[0] if alike else None


# --- validation


def validate(mapping, names, parents, heads, tails):
    """Everything that is wrong or odd about a mapping: a tuple of `Problem`, errors first.

    Arguments as for `detect`; ``mapping`` may hold empty strings for joints without a bone.
    """
    mapping, names = {joint: bone for joint, bone in mapping.items() if bone}, tuple(names)
    tree = _Tree(tuple(names), tuple(parents), np.asarray(heads, float), np.asarray(tails, float))
    problems = [*validate_names(mapping, names)]
    bones = {joint: names.index(bone) for joint, bone in mapping.items() if bone in names}
    if not any(problem.level == "ERROR" for problem in problems):
        problems += [*_misplaced(bones, tree), *_limbs_without_length(bones, tree)]
    problems += _lean(bones, tree)
    if not any(problem.level == "ERROR" for problem in problems):
        problems += _backwards(bones, tree)
    return tuple(sorted(problems, key=lambda problem: problem.level != "ERROR"))


def validate_names(mapping, names):
    """The part of `validate` that needs no positions: fast, for drawing an interface."""
    mapping = {joint: bone for joint, bone in mapping.items() if bone}
    return (*_incomplete(mapping, set(names)), *_mapped_twice(mapping), *_sides_by_name(mapping))


def _incomplete(mapping, names):
    missing = tuple(joint for joint in REQUIRED_JOINTS if joint not in mapping)
    if missing:
        what = f"Expected a bone for every required joint, missing: {', '.join(missing)}."
        yield Problem("ERROR", what + " Choose their bones in the mapping.", missing)
    for joint, bone in mapping.items():
        if bone not in names:
            what = f"{joint} is mapped to {bone!r}, which this armature does not have."
            yield Problem("ERROR", what + " Choose another bone or detect again.", (joint,))


def _mapped_twice(mapping):
    users = {}
    for joint, bone in mapping.items():
        users.setdefault(bone, []).append(joint)
    for bone, joints in users.items():
        if len(joints) > 1:
            what = f"Bone {bone!r} is mapped twice: to {' and '.join(joints)}."
            yield Problem("ERROR", what + " Give each joint its own bone.", tuple(joints))


def _sides_by_name(mapping):
    for joint, bone in mapping.items():
        side = _joint_side(joint)
        if side and side_of(bone) not in ("", side):
            what = f"{joint} is mapped to {bone!r}, a bone of the other side by its name."
            yield Problem("ERROR", what + f" Choose a bone of the {side.lower()} side.", (joint,))


def _joint_side(joint):
    for side in SIDES:
        if joint.startswith(side) or joint == side[0] + "HipJoint":
            return side
    return ""


def _misplaced(bones, tree):
    """Joints whose bone does not hang below the bone of the joint above."""
    skeleton = QUATERNET_SKELETON
    for joint, bone in bones.items():
        above = skeleton.parents[skeleton.index(joint)]
        while above >= 0 and skeleton.names[above] not in bones:
            above = skeleton.parents[above]
        if above < 0:
            continue
        name = skeleton.names[above]
        if bones[name] not in tree.ancestors(bone):
            pair = [f"{j} ({tree.names[bones[j]]!r})" for j in (joint, name)]
            what = f"{pair[0]} does not hang below {pair[1]}. Expected them in one chain."
            level = "ERROR" if joint in REQUIRED_JOINTS else "WARNING"
            yield Problem(level, what, (joint, name))


def _limbs_without_length(bones, tree):
    for side in SIDES:
        for upper, lower in (("UpLeg", "Leg"), ("Leg", "Foot"), ("Arm", "ForeArm")):
            gap = tree.heads[bones[side + lower]] - tree.heads[bones[side + upper]]
            if not np.linalg.norm(gap) > 1e-6 * np.ptp(tree.heads, axis=0).max():
                what = f"{side + upper} and {side + lower} start at the same place."
                yield Problem("ERROR", what + " Expected a limb of some length.", (side + upper,))


def _lean(bones, tree):
    """A trunk that does not stand on the legs; checked as soon as the joints for it are known."""
    if not {"LeftUpLeg", "RightUpLeg", "LeftFoot", "RightFoot", "Head"} <= set(bones):
        return
    heads = tree.heads
    feet = 0.5 * (heads[bones["LeftFoot"]] + heads[bones["RightFoot"]])
    hips = 0.5 * (heads[bones["LeftUpLeg"]] + heads[bones["RightUpLeg"]])
    lean = np.arccos(np.clip(_unit(hips - feet) @ _unit(heads[bones["Head"]] - hips), -1.0, 1.0))
    if not lean < _MAX_LEAN:
        what = f"The trunk leans {np.degrees(lean):.0f}° from the line of the legs at rest."
        what += " Expected a standing human figure: two legs below the hips, the head above them."
        yield Problem("ERROR", what, ("Hips", "Head"))


def _backwards(bones, tree):
    hips = 0.5 * (tree.heads[bones["LeftUpLeg"]] + tree.heads[bones["RightUpLeg"]])
    if _feet_point_backwards(bones, tree, _unit(tree.heads[bones["Head"]] - hips)):
        what = "The feet point backwards: left and right may be exchanged in the mapping."
        yield Problem("WARNING", what, tuple(side + "UpLeg" for side in SIDES))


def _feet_point_backwards(bones, tree, up):
    heads = tree.heads
    left = sum(heads[bones["Left" + j]] - heads[bones["Right" + j]] for j in ("UpLeg", "Arm"))
    forward = _unit(np.cross(left, up))
    feet = np.zeros(3)
    for side in SIDES:
        foot = bones[side + "Foot"]
        end = heads[bones[side + "ToeBase"]] if side + "ToeBase" in bones else tree.tails[foot]
        feet += end - heads[foot]
    flat = feet - (feet @ up) * up
    return bool(flat @ forward < -0.5 * np.linalg.norm(feet))


def _unit(vector):
    return vector / max(np.linalg.norm(vector), 1e-12)
