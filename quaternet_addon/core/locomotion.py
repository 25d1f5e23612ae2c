# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks and runs along a path: pace network, pose network, planted feet; pure.

In use:

    model = load_model(DEFAULT_MODEL)
    walk = Walk(model, Path(points), speed=1.4, fps=24.0)
    for fraction in walk: ...      # a slice of frames each time, so that a caller can cancel
    walk.motion
"""

from dataclasses import replace
from functools import cached_property
from pathlib import Path as FilePath

import numpy as np

from .blas import single_threaded
from .contacts import (
    TOES,
    fill_short_runs,
    horizontal_speeds,
    measure_skate,
    toe_positions,
)
from .foot_lock import lock_feet
from .motion import Motion
from .pace import PaceNetwork, plan_walk
from .path import Path
from .pose_features import control_count, control_features, split_state
from .quaternion import (
    normalize,
    quaternion_to_rotation_vector,
    rotation_vector_to_quaternion,
)
from .recurrent import Dense, Gru
from .retarget import fit
from .skeleton import Skeleton
from .trajectory import to_world
from .weights import WeightsError, load_weights, require_shapes

DEFAULT_MODEL = FilePath(__file__).resolve().parent.parent / "models" / "locomotion.npz"
KIND = "locomotion"
SLOWEST, FASTEST = 0.4, 4.5  # m/s in the model's proportions
# Metres in the model's proportions: least rise of a swinging ball of the foot over its rest, and
# its least height over the ground.
CLEARANCE, SWING_HEIGHT = 0.04, 0.07
SHUFFLE = 0.35  # m/s: a faster ball is on its way, not planted; a running one rolls faster

_SLICE = 32  # frames between two yields
_SHORTEST = 0.6  # metres in the model's proportions: about a step


class LocomotionModel:
    """A locomotion model file in memory: pace network, pose network, skeleton, start states.

    Immutable; every Walk makes its own stepping state. Raises WeightsError for a header or
    arrays that are not those of such a model.
    """

    def __init__(self, header, arrays):
        try:
            self.fps = float(header["fps"])
            joints = header["skeleton"]
            self.skeleton = Skeleton(
                joints["names"], joints["parents"], joints["offsets"], joints["root_height"]
            )
            self.styles = tuple(header["styles"])
            self.default_style = int(header["default_style"])
            self.hips_mean, self.hips_std = arrays["hips_mean"], arrays["hips_std"]
            self.lowest, self.highest = arrays["range_lowest"], arrays["range_highest"]
            self.start_state, self.start_hidden = arrays["start_state"], arrays["start_hidden"]
            require_shapes(arrays, _shapes(arrays, len(self.skeleton), len(self.styles)))
            self.pace = PaceNetwork(arrays)
        except KeyError as error:
            message = f"Expected a complete locomotion model, got one without {error}."
            raise WeightsError(message) from error
        except (TypeError, ValueError) as error:
            raise WeightsError(f"Expected a sound locomotion model, got: {error}") from error
        self.header = header
        self._arrays = arrays
        self._products = {}  # whether for one body -> the product in use

    def pose_network(self, batch=None):
        """A fresh Gru of the pose network, its head included, without the control layers.

        batch: number of bodies that step together, None for one without that axis.
        """
        arrays = self._arrays
        gru = Gru(
            arrays,
            "pose.rnn.",
            head=(arrays["pose.fc.weight"], arrays["pose.fc.bias"]),
            batch=batch,
            product=self._products.get(batch is None),
        )
        self._products[batch is None] = gru.product  # timed once, on the model's own matrices
        return gru

    def encode_controls(self, features):
        """Control features ``(T, C)`` through the two control layers, all frames at once."""
        hidden = features.astype(np.float32)
        for name in ("fc1", "fc2"):
            weight, bias = (self._arrays[f"pose.{name}.{part}"] for part in ("weight", "bias"))
            layer = Dense(weight, bias, batch=len(hidden))
            out = layer.step(hidden)
            hidden = np.where(out > 0.0, out, 0.05 * out)
        return hidden


def _shapes(arrays, joints, styles):
    """What arrays of a model with these joints and styles must look like, the GRUs' apart."""
    state, hidden = 4 * joints + 5, arrays["pose.rnn.weight_hh_l0"].shape[-1]
    encoded = len(arrays["pose.fc1.bias"])
    return {
        "pose.rnn.weight_ih_l0": (3 * hidden, state + encoded),
        "pose.fc.weight": (state, hidden),
        "pose.fc.bias": (state,),
        "pose.fc1.weight": (encoded, control_count(styles)),
        "pose.fc2.weight": (encoded, encoded),
        "pose.fc2.bias": (encoded,),
        "hips_mean": (3,),
        "hips_std": (3,),
        "range_lowest": (joints, 3),
        "range_highest": (joints, 3),
        "start_state": (styles, state),
        "start_hidden": (styles, 2, hidden),
    }


def load_model(path=DEFAULT_MODEL):
    """Read a locomotion model. WeightsError says what is wrong with any other file."""
    return LocomotionModel(*load_weights(path, kind=KIND))


class PoseStepper:
    """The pose network fed with its own output, frame by frame."""

    def __init__(self, model, style):
        self._gru = model.pose_network()
        self._joints = len(model.skeleton)
        self._state = np.array(np.tensordot(style, model.start_state, 1), np.float32)
        self._gru.state = np.tensordot(style, model.start_hidden, 1)
        self._input = np.empty(self._gru.input_size, np.float32)
        self._quaternions = self._state[: 4 * self._joints].reshape(-1, 4)

    def step(self, encoded):
        """The next state ``(4 J + 5,)`` for the frame's encoded controls; a buffer."""
        state, count = self._state, len(self._state)
        self._input[:count] = state
        self._input[count:] = encoded
        state[:] = self._gru.step(self._input)
        q = self._quaternions
        q /= np.sqrt(np.einsum("ji,ji->j", q, q))[:, None] + 1e-8
        state[-2:] = 0.5 + 0.5 * np.tanh(0.5 * state[-2:])
        return state


class Walk:
    """One walk from stand to stand; iterate it to compute it, then read ``motion``.

    path: in world metres. speed: m/s in the steady parts. seed: which foot starts, small
    variations of pace and style. fps: of the result. skeleton: whose proportions the result
    has (default: the model's). foot_lock: plant the feet. in_place: take the travel out.
    laps: rounds on a closed path.

    Iterating yields the fraction done, in (0, 1]. Then ``motion`` is the result on
    ``skeleton``, its root above the path; ``plan`` the Plan; ``report`` a dict of figures.
    Raises ValueError for a speed or path that cannot be walked, and says what can.
    """

    def __init__(
        self,
        model,
        path,
        *,
        speed=1.4,
        seed=0,
        fps=30.0,
        skeleton=None,
        foot_lock=True,
        in_place=False,
        laps=1,
    ):
        self.model, self.fps = model, float(fps)
        self.skeleton = skeleton or model.skeleton
        self.foot_lock, self.in_place = foot_lock, in_place
        self.scale = self.skeleton.leg_length / model.skeleton.leg_length
        self._check(path, speed, laps)
        random = np.random.default_rng(int(seed) & 0xFFFFFFFF)
        first_foot, jitter = random.integers(2), random.normal(size=3)
        if seed == 0:
            first_foot, jitter = 0, np.zeros(3)
        self.path, self._length = path, path.length * (laps if path.closed else 1)
        self.style = _style(len(model.styles), model.default_style, jitter)
        self.plan = plan_walk(
            model.pace,
            _scaled(path, 1.0 / self.scale),
            speed / self.scale * (1.0 + 0.015 * np.clip(jitter[0], -2.0, 2.0)),
            model.fps,
            phase=np.pi * first_foot + 0.15 * jitter[1],
            laps=laps,
        )
        self.motion, self.raw, self.travelling = None, None, None

    def _check(self, path, speed, laps):
        if not 0.0 < self.fps < np.inf:
            raise ValueError(f"Expected a finite frame rate above zero, got {self.fps}.")
        if laps % 1 or laps < 1:
            raise ValueError(f"Expected a whole number of laps, 1 or more, got {laps}.")
        slowest, fastest = SLOWEST * self.scale, FASTEST * self.scale
        if not slowest <= speed <= fastest:
            raise ValueError(
                f"Expected a speed between {slowest:.2g} and {fastest:.2g} m/s for a character "
                f"with legs of {self.skeleton.leg_length:.2g} m, got {speed:.3g} m/s. "
                "Check the scale of the rig."
            )
        if path.length < _SHORTEST * self.scale:
            raise ValueError(
                f"Expected a path of at least one step, {_SHORTEST * self.scale:.2g} m for this "
                f"character, got {path.length:.2g} m. Make the curve longer."
            )

    def controls(self):
        """What the network is told of each of the plan's frames, ``(T, C)``."""
        plan = self.plan
        return control_features(plan.trajectory, plan.phase, plan.gait, self.style)

    def __iter__(self):
        model, controls = self.model, self.controls()
        frames = len(controls)
        states = np.empty((frames, model.start_state.shape[-1]), np.float32)
        with single_threaded():
            encoded = model.encode_controls(controls)
            stepper = PoseStepper(model, self.style)
        for start in range(0, frames, _SLICE):
            with single_threaded():
                for frame in range(start, min(start + _SLICE, frames)):
                    states[frame] = stepper.step(encoded[frame])
            yield 0.9 * min(start + _SLICE, frames) / frames
        yield from self.finish(states)

    def run(self):
        """Compute the whole walk and return its Motion."""
        for _ in self:
            pass
        return self.motion

    def finish(self, states):
        """Make ``motion`` of the network's states ``(T, 4 J + 5)``; yields: that takes a while."""
        model = self.model
        rotations, hips, contacts = split_state(states.astype(float), len(model.skeleton))
        rotations = clamp_rotations(rotations, model.lowest, model.highest)
        rotations, roots = to_world(
            rotations, hips * model.hips_std + model.hips_mean, self.plan.trajectory
        )
        yield 0.92
        motion = Motion(model.skeleton, rotations, roots, model.fps, contacts > 0.5)
        motion = fit(motion, self.skeleton).continuous().resample(self.fps)
        yield 0.94
        self._floor = ground = self._ground(motion)
        yield 0.96
        motion = _raised(motion, self._distances(len(motion)), self.path)
        motion.contacts[:] &= self._slow_feet(motion)
        for foot in range(2):
            for value in (False, True):
                fill_short_runs(motion.contacts[:, foot], value, max(2, round(self.fps / 12.0)))
        self.raw = motion
        if self.foot_lock:
            motion = lock_feet(motion, motion.contacts, ground, self._clearance())
        self.travelling = motion
        self.motion = self._standing_still(motion) if self.in_place else motion
        yield 1.0

    def _slow_feet(self, motion):
        """Frames in which each ball is slow enough to be planted, whatever the network says."""
        body = self.scale * np.interp(
            np.arange(len(motion)) / self.fps,
            np.arange(len(self.plan.phase)) / self.model.fps,
            self.plan.trajectory.speeds(),
        )
        speeds = horizontal_speeds(toe_positions(motion), self.fps)
        return speeds < SHUFFLE * self.scale + 0.16 * body[:, None]

    def _clearance(self):
        """Rise of a swinging ball over its rest; more where it rests lower than the model's."""
        toes = [self.skeleton.index(name) for name in TOES]
        rest = self.skeleton.rest_positions[toes, 1].min()
        return max(CLEARANCE * self.scale, SWING_HEIGHT * self.scale - rest)

    def _distances(self, frames):
        """Distance along the world path at each frame of the result, ``(T,)`` metres."""
        times = np.arange(frames) / self.fps * self.model.fps
        # The plan's path has rounded corners and is a little shorter than the world's.
        planned = self.plan.distances * (self._length / self.plan.distances[-1])
        return np.interp(times, np.arange(len(planned)), planned)

    def _ground(self, motion):
        """Height of the path under each foot, ``(T, 2)`` metres."""
        toes = toe_positions(motion)
        along = self._distances(len(motion))
        heading = self.path.heading(along)
        ahead = np.stack([np.sin(heading), np.cos(heading)], -1)
        away = toes[..., [0, 2]] - self.path.position(along)[:, None][..., [0, 2]]
        return self.path.height(along[:, None] + (away * ahead[:, None]).sum(-1))

    def _standing_still(self, motion):
        """The motion over the spot where it began: its travel is taken out, its sway kept."""
        travel = self._travel(len(motion))
        return replace(motion, root_positions=motion.root_positions - (travel - travel[:1]))

    def _travel(self, frames):
        times = np.arange(frames) / self.fps * self.model.fps
        planned = self.plan.trajectory.positions * self.scale
        index = np.arange(len(planned))
        x, z = (np.interp(times, index, planned[:, axis]) for axis in range(2))
        return np.stack([x, self.path.height(self._distances(frames)), z], -1)

    @cached_property
    def report(self):
        """Figures of the finished walk: skate before and after the lock, times, lengths."""
        plan = self.plan
        before, after = (
            measure_skate(m, m.contacts, self._floor) for m in (self.raw, self.travelling)
        )
        return {
            "frames": len(self.motion),
            "seconds": self.motion.duration,
            "path_length": float(plan.distances[-1] * self.scale),
            "arrival": plan.arrival,
            "asked": plan.asked,
            "skate_raw_kimodo": before.kimodo_ratio_5cm_20cms,
            "skate_kimodo": after.kimodo_ratio_5cm_20cms,
            "skate_gmd": after.gmd_ratio_5cm_50cms,
            "maximum_contact_speed": after.maximum_contact_speed,
        }


def clamp_rotations(rotations, lowest, highest):
    """Keep joints within the data's range, per axis of the rotation vector.

    rotations: ``(T, J, 4)``; lowest, highest: ``(J, 3)`` radians.
    """
    vectors = quaternion_to_rotation_vector(normalize(rotations))
    inside = np.clip(vectors, lowest, highest)
    return np.where(
        np.any(inside != vectors, axis=-1, keepdims=True),
        rotation_vector_to_quaternion(inside),
        normalize(rotations),
    )


def _style(count, default, jitter):
    """Weights of the styles: the default one, with a share of the others by the seed."""
    weights = np.eye(count)[default]
    if np.any(jitter):
        others = np.abs(np.resize(jitter, count)) * (1.0 - weights)
        weights = weights + 0.6 * others / max(others.sum(), 1.0)
    return weights / weights.sum()


def _scaled(path, scale):
    return path if scale == 1.0 else Path(path.points * scale, path.closed)


def _raised(motion, distances, path):
    roots = motion.root_positions.copy()
    roots[:, 1] += path.height(distances)
    return replace(motion, root_positions=roots)
