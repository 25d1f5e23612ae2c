# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk along a curve for one rig."""

from dataclasses import dataclass

import bpy

from ..core import locomotion
from .curve import curve_to_path
from .job import Job, load_cached

_MOST_FRAMES = 100_000  # about an hour; a longer walk is a slip of the units


@dataclass(frozen=True)
class WalkOptions:
    """What the user chose. speed: m/s. curve: name of the curve object."""

    curve: str
    speed: float = 1.4
    use_in_place: bool = False
    seed: int = 0
    variations: int = 1
    foot_lock: bool = True


def load_model(path):
    """The locomotion model of a file; loaded again only when the file changed."""
    return load_cached(locomotion.load_model, path, "walk")


class LocomotionJob(Job):
    """One walk in the making: iterate it for progress in [0, 1], then `apply`.

    Raises ValueError with a message for the user whenever the input does not allow a walk.
    """

    mode, title, Options = "WALK", "Walk", WalkOptions

    def _prepare(self):
        curve = _curve_object(self.scene, self.options.curve)
        self._path, message = curve_to_path(curve, self.scene, self.rig.unit)
        self.warnings += [message] if message else []
        _check_length(self._path, self.options.speed, self.rate)

    def _generator(self, seed):
        options = self.options
        return locomotion.Walk(
            load_model(locomotion.DEFAULT_MODEL),
            self._path,
            speed=options.speed,
            seed=seed,
            fps=self.rate,
            skeleton=self.driver.skeleton,
            foot_lock=options.foot_lock,
            in_place=options.use_in_place,
        )

    def _where(self):
        return f" along {self.options.curve!r}"


def _curve_object(scene, name):
    obj = (scene.objects.get(name) or bpy.data.objects.get(name)) if name else None
    if obj is None:
        what = f"got {name!r}, which is not in this file" if name else "got none"
        raise ValueError(f"Expected a curve to walk along, {what}: choose one in Curve.")
    return obj


def _check_length(path, speed, rate):
    if path.length / max(speed, 0.1) * rate > _MOST_FRAMES:  # too slow is for the Walk to say
        raise ValueError(
            f"The curve is too long: {path.length:.4g} m at {speed:.3g} m/s would make more than "
            f"{_MOST_FRAMES} keys a channel. Shorten it, or check its scale and the unit scale."
        )
