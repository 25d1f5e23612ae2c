# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk along a curve for one rig."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...core.feet.footprint_moves import moves_of
from ...core.feet.moving_footprints import move_footprints
from ...core.imported.walk import ImportedWalk
from ...core.keys.reduction import every
from ...core.walk import walk
from ...core.walk.from_pose import FarFromPoseError
from ...core.walk.itinerary import Itinerary
from ...core.walk.steep_path import steep
from ..generate.generation import Generation
from ..generate.models import chosen_walk_model, load_cached
from ..generate.posing import posing
from ..keys.channels import filled
from ..rig.movers import hangs_on
from .curve import heights_along, raised
from .inputs import WalkOptions, object_named, read_inputs, taken
from .options import MODE, may_end_in_pose

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path as FilePath
    from typing import Any

    import bpy

    from ...core.body.motion import Motion
    from ...core.walk.model import LocomotionModel
    from ..keys.action import Bound, Draft
    from ..keys.channels import Channel


_SKETCHED, _FEW = 2, 8  # of a sketch every second frame is worked out; of so few all are


def load_model(path: FilePath) -> LocomotionModel:
    """The locomotion model of a file; loaded again only when the file changed."""
    return load_cached(walk.load_model, path, "walk")


class WalkGeneration(Generation):
    """One walk in the making: iterate it for progress in [0, 1], then `apply`.

    Raises ValueError with a message for the user whenever the input does not allow a walk.
    """

    mode, title, Options = MODE, "Walk", WalkOptions
    Speeds = ("speed",)

    def __init__(self, context, obj, options, take=None, *, inputs=None, alike=None, chosen=()):
        self.inputs = inputs  # `WalkInputs` that were read already, or None
        self._earlier = self.keyed = self.track = None
        self.moves = moves_of(options.moved_footprints)
        super().__init__(context, obj, options, take, alike=alike, chosen=chosen)

    def place(self) -> dict[str, str]:
        return {"curve_data": taken(self.scene, self.options)[0][1].data.name}

    def _prepare(self):
        if self.inputs is None:
            self.inputs = read_inputs(self.scene, self.options, self.rig.unit)
        self.warnings += _odd_curve(self)
        if self.moves and (self.options.loop or self.options.use_in_place):
            self.moves = {}
            self.warnings.append("footprints are moved in walks that travel only, not in loops")

    def follow(self, earlier: WalkGeneration, sketch: bool = False) -> None:
        """Take over what this walk has in common with a finished one. sketch: see `Walk.reuse`."""
        if earlier is not None and (earlier.object, earlier.first) == (self.object, self.first):
            self.walk.reuse(earlier.walk, sketch)
            self._earlier = earlier

    def channels(
        self, motion: Motion, previous: Mapping[str, np.ndarray] | None = None, fading: Any = None
    ) -> list[Channel]:
        """The channels to key; frames that an earlier walk has are not worked out once more."""
        earlier, self._earlier, self.keyed, self.track = self._earlier, None, None, None
        # On a mesh frames depend on each other throughout.
        if self.driver.ground is None and not _is_new_sketch(self.walk):
            self.track = self.driver.track(motion)
            if earlier is not None and earlier.keyed is not None:
                self.keyed = _with_tail(self, earlier, motion)
        if self.keyed is None:
            self.keyed = _driven(self, motion, previous, self.track, fading)
        return self.keyed

    def _generator(self, seed):
        imported = chosen_walk_model()
        if imported is not None:
            self.moves = {}  # it has no contacts that could be counted
            self.walk = _imported(self, imported)
            return self.walk
        self.walk = _planned(self, seed)
        return _WithFootprints(self.walk, self.moves) if self.moves else self.walk

    def travelling(self) -> Motion:
        """The finished walk as it goes along the path, in place or not."""
        return move_footprints(self.walk.travelling, self.moves)

    def ground(self) -> Any:
        """The mesh under the curve, which footsteps are planned on; None without any."""
        driver = self.driver
        if driver.ground is None:
            return None
        level = self.inputs.way.path.points[0, 1]
        return driver.ground.surface(driver.skeleton.leg_length, level, driver.clearance)

    def pose(self) -> Motion | None:
        """The pose to go over from, None where the walk is to begin by itself."""
        options = self.options
        begins = options.from_pose and options.standing_start and not options.loop
        return self.beginning.context if begins else None

    def end_pose(self) -> Motion | None:
        """The pose that the walk is to end in, None where it is to stand by itself."""
        frame = self.options.pose_frame
        if not self.options.end_in_pose or not may_end_in_pose(self.options):
            return None
        self.posed = self.posed or posing(self.object, self.take, frame)
        return self.beginning.pose_at(frame, self.posed)

    def _over_nothing(self):
        planned = isinstance(self.walk, walk.Walk)  # on the ground, and told where it is not
        return [] if planned else super()._over_nothing()

    def taken(self) -> list[tuple[str, bpy.types.Object]]:
        return super().taken() + taken(self.scene, self.options)

    def write(self, draft: Draft | Bound, motion: Motion) -> None:
        super().write(draft, motion)
        for curve in draft.bag.fcurves:
            _make_cyclic(curve, self.options.loop)

    def floor(self, motion: Motion) -> np.ndarray | None:
        if self.driver.ground is not None:
            return None
        return heights_along(self.inputs.way.path, motion)

    def subject(self) -> str:
        options = self.options
        how = f"{options.speed:.3g}" if options.timing == "SPEED" else f"{options.duration:.3g} s"
        return f"{how} {options.curve}"

    def where(self) -> str:
        return f" along {self.options.curve!r}"


def _planned(generation, seed):
    """The walk of the shipped network, not run yet."""
    options, inputs = generation.options, generation.inputs
    try:
        return walk.Walk(
            load_model(walk.DEFAULT_MODEL),
            raised(inputs.way.path, generation.driver.clearance),
            speed=options.speed,
            seed=seed,
            fps=generation.rate,
            skeleton=generation.driver.skeleton,
            foot_lock=options.foot_lock,
            in_place=options.use_in_place,
            laps=options.laps,
            itinerary=_itinerary(options, inputs),
            style=options.style,
            pose=generation.pose(),
            ground=generation.ground(),
            end_pose=generation.end_pose(),
        )
    except FarFromPoseError as error:
        raise _far_away(error, options.pose_frame) from None


def _far_away(error, frame):
    """The error of a walk that begins or ends far from its pose; of the last one with its frame."""
    if not error.at_end:
        return error
    (x, y), away = error.place, error.away
    return ValueError(
        f"Expected a walk that ends near the pose of frame {frame}, at ({x:.2f}, {y:.2f}) m, got "
        f"one that ends {away:.2f} m away. Move the curve or the pose, choose another Pose Frame, "
        "or untick End in Pose."
    )


def _imported(generation, model):
    """A walk of an imported network in place of ours."""
    path = raised(generation.inputs.way.path, generation.driver.clearance)
    points = path.points[[*range(len(path.points)), *([0] if path.closed else [])]]
    how = {"speed": generation.options.speed, "fps": generation.rate}
    return ImportedWalk(model, points, **how, skeleton=generation.driver.skeleton)


def _is_new_sketch(walk):
    """Whether a walk is a sketch from its first frame on."""
    return walk.is_sketch and not walk.unchanged


def _driven(generation, motion, previous, track, fading=None):
    """The driver's channels; of a sketch every second frame of them, and what is between."""
    driver = generation.driver
    if not generation.walk.is_sketch or len(motion) < _FEW:
        return driver.channels(motion, previous, fading, track)
    frames = every(len(motion), _SKETCHED)
    few = replace(motion.at_frames(frames), fps=motion.fps / _SKETCHED)
    rows = track.at_frames(frames) if track is not None else None
    channels = driver.channels(few, previous, track=rows, as_it_was=True)
    return [filled(channel, frames) for channel in channels]


def _with_tail(generation, earlier, motion):
    """Earlier channels as far as they go, and new ones after them; None: they are not alike.

    A root's track is smoothed: it differs some frames before the walk does.
    """
    count, track = generation.walk.unchanged, None
    if (generation.track is None) != (earlier.track is None):
        return None
    if generation.moves or earlier.moves:  # what they change reaches back from where they are
        return None
    if generation.track is not None:
        generation.track, count = generation.track.after(earlier.track, count)
        track = generation.track.slice(count)
    if not count:
        return None
    known = {channel.path: channel.values for channel in earlier.keyed}
    last = {path: values[count - 1] for path, values in known.items() if len(values) >= count}
    found = []
    for channel in _driven(generation, motion.slice(count, None), last, track):
        values = known.get(channel.path)
        if values is None:
            return None
        rows = channel.values
        if len(rows) == len(motion) - count and len(values) >= count:
            rows = np.concatenate([values[:count], rows])
        found.append(replace(channel, values=rows))
    return found


class _WithFootprints:
    """A walk whose footprints are moved at its end."""

    def __init__(self, walk, moves):
        self._walk, self._moves = walk, moves
        self.warnings = walk.warnings

    motion = property(lambda self: move_footprints(self._walk.motion, self._moves))

    def __iter__(self):
        return iter(self._walk)


def _itinerary(options, inputs):
    """The `Itinerary` that WalkOptions mean on a `Way`."""
    way, turns = inputs.way, not options.loop
    along_it = not (options.loop and not way.path.closed)
    paced = options.use_radius and along_it
    return Itinerary(
        duration=options.duration if options.timing == "DURATION" else None,
        start=options.start_distance,
        facings=way.facings if options.use_tilt and along_it else (),
        stops=way.stops if paced else (),
        factors=way.factors if paced else (),
        standing_start=options.standing_start,
        standing_end=options.standing_end,
        turn_start=options.turn_start if turns and options.standing_start else 0.0,
        turn_end=options.turn_end if turns and options.standing_end else 0.0,
        loop=options.loop,
        strides=options.strides,
        facing=options.facing,
        face=inputs.face,
    )


def _make_cyclic(curve, loop):
    """A Cycles modifier on a loop's F-curve, and none on another's; places go on and on."""
    for modifier in [m for m in curve.modifiers if m.type == "CYCLES"]:
        curve.modifiers.remove(modifier)
    if loop:
        cycles = curve.modifiers.new("CYCLES")
        on = "REPEAT_OFFSET" if curve.data_path.endswith("location") else "REPEAT"
        cycles.mode_before = cycles.mode_after = on


def _replaced(walk, curve):
    """A warning where another curve has the name of the one that a take was made along."""
    made = walk.take.as_dict() if walk.take is not None else {}
    known = made.get("curve_data", curve.data.name)
    if made.get("curve") != curve.name or known == curve.data.name:
        return []
    text = (
        f"the curve {curve.name!r} is not the one that this take was made along: it has been "
        "renamed or replaced"
    )
    return [text]


def _odd_curve(walk):
    """Warnings of a generation's curve; ValueError where the walk would move it."""
    curve = object_named(walk.scene, walk.options.curve, "a curve to walk along", "Curve")
    carrier = hangs_on(curve, walk.object)
    warnings = [walk.inputs.message] if walk.inputs.message else []
    warnings += _replaced(walk, curve)
    if carrier:
        raise ValueError(
            f"The curve {curve.name!r} hangs on {carrier} of the rig that is to walk along it. "
            "Clear its parent (Object > Parent > Clear and Keep Transformation), or take away its "
            "constraint or modifier."
        )
    if carrier == "" and walk.driver.moves_object:
        warnings.append(
            f"the curve {curve.name!r} hangs on {walk.object.name!r}, which travels, and goes along"
        )
    if walk.scene.objects.get(curve.name) != curve:
        warnings.append(f"the curve {curve.name!r} is not in this scene")
    if walk.driver.ground is None:
        path = walk.inputs.way.path
        warnings += steep(curve.name, path, walk.driver.skeleton.leg_length)
    return warnings
