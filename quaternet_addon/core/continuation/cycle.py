# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a predicted motion going: gait cycles, and the pace of a walk; pure.

A network that predicts motion is sure of the next half second. Further on it hedges: of two steps
that might be meant it makes the mean, and a walk dies down. A body that has just done one cycle
of a gait like the one before is best predicted by a third one (`Cycle`), from the first beat on.
One that walks, but not yet as evenly, keeps the pace that it is predicted to have where the network
is still sure (`KeptPace`). And one that stays where it is, reaching or gesturing, comes to its halt
and then takes back what it did (`retraced`): an arm that went out returns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..maths import elementary
from ..maths.quaternion import (
    conjugate,
    multiply,
    normalize,
    quaternion_to_rotation_vector,
    rotation_vector_to_quaternion,
)

# Seconds of a cycle: of 195 running strides in training takes 29 last less than .5 s, the shortest,
# on the way into a turn, .31 s; and a stroll's.
SHORTEST, LONGEST = 0.3, 1.5
QUICK = 0.5  # seconds: a shorter cycle is over before the network is unsure
_LATEST = 12  # frames
_WALKED, _RUNS = 0.6, 1.5  # seconds that 99 of 100 of 1,290 strides below so many m/s last
_SURE, _UNSURE = 0.35, 0.85  # of the poses' spread: how far cycles may differ
# Mean speed of the joints against the hips, m/s: of a body in motion, and of one that waves a hand.
_MOVING, _WAVES = 0.25, 0.02
IN_PLACE = 0.5  # metres that a body may have moved that retraces its motion
_LEAST_RETRACED, _RETRACED_AFTER = 0.6, 0.9  # seconds: of motion given, until it is taken back
_RETRACED_RATE = 0.8
PULL, GROWN = 0.3, 20  # share of the way a frame, frames until it is that
ROOT_PULL = 3.0  # times that for the steps of the hips, as nothing carries their error on
_LED, _LEADS = 2.0, 5  # times the strength; frames until a body moves as its cycle does
_AS_GOOD = 0.03  # of the spread
_SAME, _OTHER = 0.6, 1.0  # radians that a joint may have turned in a cycle, and cannot have
_OVERLAP, _GLIMPSE, _FEWEST = 0.35, 0.0, 4  # of a cycle that has to be seen twice; frames
_UP = 0.05  # metres
_FLIGHT, _TOGETHER = 4, 4  # frames in the air; in which feet leave or land together
FORCED = 0.6  # strength of a body's that is on its way, however little it repeats itself


_SURE_FOR, _KEEP_FOR = 0.5, 2.0  # seconds from the last given frame; slow drifts grow as well
_WALKING = 0.5  # m/s
_MOST_GAIN = 1.02  # of the motion from one frame to the next: about what hedging takes
_STOPPING = 0.6  # of the kept pace: who is slower means to stop
_FOLLOW = 0.2  # share of a frame in the smoothed speed: a gait's own rhythm is not followed


class KeptPace:
    """How much a predicted motion is to be strengthened, so that a walk does not die down.

    fps: of the frames whose steps `gain` is told.
    """

    def __init__(self, fps):
        self._fps, self._speed, self._kept = fps, None, None

    def gain(self, index: int, steps: np.ndarray) -> float:
        """Factor on the motion after frame ``index``, whose steps ``(4,)`` are given; >= 1."""
        speed = float(np.hypot(steps[1], steps[2])) * self._fps
        last = speed if self._speed is None else self._speed
        self._speed = last + _FOLLOW * (speed - last)
        if not _SURE_FOR * self._fps <= index <= _KEEP_FOR * self._fps:
            return 1.0
        if self._kept is None:
            self._kept = self._speed if self._speed > _WALKING else 0.0
        if self._speed < _STOPPING * self._kept:
            self._kept = 0.0
        return float(np.clip(self._kept / max(self._speed, 1e-6), 1.0, _MOST_GAIN))


@dataclass(frozen=True)
class Cycle:
    """The last P frames of a body that repeats itself; strength in (0, 1]: how alike cycles are.

    rotations ``(P, M, 4)``, heights ``(P, 1)``, steps ``(P, 4)`` as of
    ``continuation_network.motion_between``. delay: frames after which it begins to count. share:
    of the pull, for each joint, ``(M, 1)`` or for all. lead: share of the joints' own movement that
    is the cycle's in the end, not the network's; leads: frames after which that begins.
    """

    rotations: np.ndarray
    heights: np.ndarray
    steps: np.ndarray
    strength: float
    delay: int = 0
    share: float | np.ndarray = 1.0
    lead: float = 0.0
    leads: int = 0

    def __len__(self):
        return len(self.heights)

    @cached_property
    def _turns(self):
        """Of the joints into each frame, ``(P, M, 4)``, into the first one from the last."""
        turns = multiply(self.rotations, conjugate(np.roll(self.rotations, 1, axis=0)))
        return np.where(turns[..., :1] < 0.0, -turns, turns)

    def led(self, index: int, turns: np.ndarray) -> np.ndarray:
        """The joints' predicted turns into frame ``index``, ``(M, 4)``, or more and more its own.

        What is drawn to the cycle's poses alone, from a network that hedges, comes late and is too
        small: of a wave of .6 s the first beat is half of the last one known.
        """
        share = min(1.0, self.lead) * float(np.clip((index - self.leads) / _LEADS, 0.0, 1.0))
        if not share:
            return turns
        turns = np.where(turns[:, :1] < 0.0, -turns, turns)
        return normalize(turns + share * self.share * (self._turns[index % len(self)] - turns))

    def varied(self, rate: float, turn: float) -> Cycle:
        """The cycle ``rate`` times as fast, turning by ``turn`` radians a frame more."""
        count = max(2, int(round(len(self) / rate)))
        times = np.arange(count) * (len(self) / count)
        before, share = times.astype(int), times - times.astype(int)
        after = (before + 1) % len(self)

        def between(values):
            part = share.reshape(-1, *(1,) * (values.ndim - 1))
            return values[before] + part * (values[after] - values[before])

        sides = (self.rotations[before] * self.rotations[after]).sum(-1, keepdims=True)
        turned = np.where(sides < 0.0, -self.rotations[after], self.rotations[after])
        mixed = self.rotations[before] + share[:, None, None] * (turned - self.rotations[before])
        steps = between(self.steps) * (len(self) / count)
        steps[:, 3] += turn
        heights = between(self.heights)
        return replace(self, rotations=normalize(mixed), heights=heights, steps=steps)

    def pull(
        self, index: int, rotations: np.ndarray, height: np.ndarray, steps: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """A predicted frame drawn towards the cycle's: frame ``index`` after the last given one.

        The near future is the network's; within `GROWN` frames the pull grows to `PULL` of the
        way a frame. Returns rotations, height and steps.
        rotations ``(M, 4)``, height ``(1,)`` metres, steps ``(4,)``.
        """
        grown = np.clip((index - self.delay) / GROWN, 0.0, 1.0)
        place, share = index % len(self), PULL * self.strength * grown
        turned = self.rotations[place]
        turned = np.where((turned * rotations).sum(-1, keepdims=True) < 0.0, -turned, turned)
        rotations = normalize(rotations + share * self.share * (turned - rotations))
        lifted = height + share * (self.heights[place] - height)
        steps = steps + min(1.0, ROOT_PULL * share) * (self.steps[place] - steps)
        return rotations, lifted, steps


def leapt(contacts: np.ndarray, heights: np.ndarray) -> bool:
    """Whether a body jumped off or landed with both feet together; contacts ``(T, 2)`` bool.

    That is no gait, though it may be on its way: a jump is not to be jumped again. heights ``(T,)``
    metres: of the lower ball over its rest; feet that slide are no contacts, and in no air.
    """
    air = ~contacts.any(-1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], air, [False]]).astype(int)))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        before = contacts[max(0, begin - _TOGETHER) : begin].all(-1).any()
        after = contacts[end : end + _TOGETHER].all(-1).any()
        up = heights[begin:end].max(initial=0.0) > _UP
        if end - begin >= _FLIGHT and up and (before or after):
            return True
    return False


def find_cycle(
    points: np.ndarray,
    fps: float,
    rotations: np.ndarray,
    heights: np.ndarray,
    steps: np.ndarray,
    forced: bool = True,
) -> Cycle | None:
    """The Cycle at the end of given frames, None for a body that does not repeat itself.

    One that hardly moves, as one that waves, has to repeat itself evenly.
    A body on its way gets one even so (``forced``), from when on the network is unsure: it does as
    it just did from the frame on that is most like its last. points: ``(T, J, 3)`` metres, joints
    seen from the hips in the body's heading. The others are the frames as `Cycle` has them, ``(T,
    ...)``.
    """
    speed = (
        np.linalg.norm(np.diff(points, axis=0), axis=-1).mean() * fps if len(points) > 2 else 0.0
    )
    if speed < _WAVES:
        return None
    found = _compared(points, fps, _OVERLAP)
    least, length = _shortest_valley(found) if found else (np.inf, 0)
    strength, delay = sure(least), 0
    if speed < _MOVING:
        strength = strength if strength >= FORCED else 0.0
    elif forced and strength < FORCED and way(steps) > IN_PLACE:
        length = _likest(points, fps, steps)
        strength, delay = FORCED, int(_SURE_FOR * fps)
    if not length or not strength:
        return None
    last = rotations[-length - 1 :], heights[-length - 1 :]
    turned, lifted, share = closed(rotations[-1], heights[-1], *last)
    lead, leads = led_by(strength), 0
    if delay:  # of a gait that is not sure quick legs go on, after a stride
        lead, leads = float(length < QUICK * fps), length
    return Cycle(turned, lifted, steps[-length:], strength, delay, share, lead, leads)


def led_by(strength: float) -> float:
    """How much of a body's own movement is that of a Cycle of such strength, in [0, 1]."""
    return min(1.0, _LED * strength)


def sure(difference: float) -> float:
    """The strength of a Cycle whose frames differ by so much of their spread from those before."""
    return float(np.clip((_UNSURE - difference) / (_UNSURE - _SURE), 0.0, 1.0))


def closed(
    now: np.ndarray, height: np.ndarray, rotations: np.ndarray, heights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frames after a pose that is meant to be like the first one, so that they go on from it.

    What differs between the two is taken out, evenly. A joint in which that is much is about
    something else, and left alone: an arm lowered while walking is not raised again. now ``(M,
    4)``, height ``(1,)``, rotations ``(P + 1, M, 4)``, heights ``(P + 1, 1)``. Returns rotations
    ``(P, M, 4)``, heights ``(P, 1)`` and the joints' share, ``(M, 1)``.
    """
    count = len(heights) - 1
    left = 1.0 - np.arange(1, count + 1) / count  # share of the change that is to come
    turns = quaternion_to_rotation_vector(multiply(now, conjugate(rotations[0])))
    angles = np.linalg.norm(turns, axis=-1, keepdims=True)
    turns = rotation_vector_to_quaternion(left[:, None, None] * turns)
    lifted = heights[1:] + left[:, None] * (height - heights[0])
    share = np.clip((_OTHER - angles) / (_OTHER - _SAME), 0.0, 1.0)
    return multiply(turns, rotations[1:]), lifted, share


def retraced(
    rotations: np.ndarray, heights: np.ndarray, steps: np.ndarray, fps: float, rate: float = 1.0
) -> Cycle | None:
    """The given frames backward, slower, and forward again, as a Cycle that begins late.

    rate: how many times as fast as usual. None for a body that leaves its place, or of which too
    little was seen.
    rotations ``(T, M, 4)``, heights ``(T, 1)``, steps ``(T, 4)`` as `Cycle` has them.
    """
    if way(steps) > IN_PLACE or len(heights) < _LEAST_RETRACED * fps:
        return None
    both = [np.concatenate([part[::-1], part]) for part in (rotations, heights, steps)]
    both[2][: len(steps)] *= -1.0
    back = Cycle(*both, strength=1.0).varied(_RETRACED_RATE * rate, 0.0)  # type: ignore[misc, arg-type]  # late: three arrays
    delay = int(_RETRACED_AFTER * fps)
    late = [np.roll(part, delay, axis=0) for part in (back.rotations, back.heights, back.steps)]
    return Cycle(*late, strength=1.0, delay=delay)  # type: ignore[misc, arg-type]  # three arrays


def _likest(points, fps, steps):
    """Frames since a body on its way was most like it is now; 0 where that was not seen.

    It was less like it before and after: of one that has not come round yet the last few frames,
    over and over, are legs that stand while the hips go on.
    """
    speeds = np.hypot(steps[1:, 1], steps[1:, 2]) * fps
    found = _compared(points, fps, _GLIMPSE)
    if speeds[-_LATEST:].mean() < _WALKING:  # legs that hardly go have nothing to glide on
        return min(found)[1] if found else 0
    least, most = _WALKED * fps if speeds.mean() < _RUNS else 0.0, int(LONGEST * fps)
    found = [row for row in found if row[1] >= least]
    ends = [(np.inf, 0)] if found and found[-1][1] == most else []
    valleys = [
        now
        for before, now, after in zip(found, found[1:], [*found[2:], *ends], strict=False)
        if now <= min(before, after)
    ]
    return min(valleys)[1] if valleys else 0


def _shortest_valley(found):
    """The first (difference, length) that no longer one nearby undercuts, of the good ones.

    Two cycles in one are as alike as one.
    """
    good = min(found)[0] + _AS_GOOD
    index = next(index for index, (difference, _) in enumerate(found) if difference <= good)
    while index + 1 < len(found) and found[index + 1][0] < found[index][0]:
        index += 1
    return found[index]


def way(steps: np.ndarray) -> float:
    """Metres from where the body was to where it is; steps ``(T, 4)`` as `Cycle` has them."""
    turns = np.cumsum(steps[:, 3]) - steps[:, 3]
    sine, cosine = elementary.sin(turns), elementary.cos(turns)
    left = cosine * steps[:, 1] + sine * steps[:, 2]
    ahead = cosine * steps[:, 2] - sine * steps[:, 1]
    return float(np.hypot(left.sum(), ahead.sum()))


def _compared(points, fps, overlap):
    """How much cycles of each length differ from the ones before, by their spread, and the length.

    overlap: share of a cycle that has to be seen twice.
    """
    found = []
    for length in range(int(SHORTEST * fps), min(int(LONGEST * fps), len(points)) + 1):
        seen = len(points) - length
        if seen < max(_FEWEST, overlap * length):
            continue
        count, last = min(seen, length), points[-length:]
        now, before = points[-count:], points[-count - length : -length]
        found.append((apart(now, before, last), length))
    return found


def apart(now: np.ndarray, before: np.ndarray, whole: np.ndarray) -> float:
    """How far points ``(T, J, 3)`` are from others, as a share of how far ``whole`` spreads."""
    spread = np.sqrt(((whole - whole.mean(0)) ** 2).sum(-1).mean())
    return float(np.sqrt(((now - before) ** 2).sum(-1).mean()) / max(spread, 1e-9))
