# SPDX-License-Identifier: GPL-3.0-or-later
"""Live: a walk that follows its curve and the panel while the user drags them.

Turning it on makes a new take; from then on that take's action, and no other, gets new keys
whenever the curve or an option has changed. The work is done in slices between events. Nothing
of it is in the file. It waits while the animation plays or a picture is rendered.

While something is being dragged the walk may be a sketch (`core.walk.sketch`), and the rig counts
as it was. As soon as the drag rests the walk is settled: made with all that the button does.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import bpy
from bpy.app.handlers import persistent

from ..generate import progress
from ..keys import action as actions
from ..keys.backup import KeyBackup
from ..keys.transaction import Transaction
from ..rig import selection
from ..rig.armature import metres_per_unit
from ..rig.options import options_of
from ..rig.stored_mapping import stored_mapping
from .followed import Followed
from .generation import WalkGeneration, options_of_panel, read_inputs

if TYPE_CHECKING:
    from collections.abc import Iterable


_TICK = 0.05  # seconds between two looks at what has changed
_SLICE = 0.03  # seconds of work at a time
_SETTLE = 0.3  # seconds without a change after which a sketch is settled
_REST = 0.2  # seconds until the next look at a curve that had not changed
_WRITE_WITHIN = 0.01  # seconds of a turn that may be over when keys are written; else the next one
_EDITORS = {"VIEW_3D", "DOPESHEET_EDITOR", "GRAPH_EDITOR", "NLA_EDITOR"}
_RENDERS = ("RENDER", "OBJECT_BAKE")  # kinds of `bpy.app.is_job_running`
_session = None
_last_words = ""  # why Live ended by itself


class _GoneError(Exception):
    """Something that Live depends on is not there any more; told to the user."""


class _Session:
    """One rig's walk that is kept up to date.

    message: why it cannot be walked now, or "". seconds: how long each update took, from the
    start of its work to the keys; blocked: the longest turn of each; unchanged: how many of its
    first frames were the earlier ones. sketches: how many of them were sketches. settled: seconds
    that each walk took that was made once more with all that the button does.
    """

    def __init__(self, generation, action):
        self._scene = Followed("scenes", generation.scene)
        self._rig = Followed("objects", generation.object)
        self._action = Followed("actions", action)
        self._done = generation.options, generation.inputs, _place(generation.object)
        self._generation = self._steps = None
        # What the next walk has in common with the last one is kept; for one place of the rig.
        self._earlier, self._written = generation, self._done[2]
        self._changed, self._began, self._rest_until = False, 0.0, 0.0
        # Whether the keys are not yet those that the button gives; whether these are being made.
        self._waits, self._owed, self._settling, self._settle_from = "", False, False, 0.0
        self.message, self.seconds, self.blocked, self.unchanged = "", [], [], []
        self.sketches, self.settled = 0, []

    @property
    def owes(self) -> bool:
        """Whether the keys are not yet those that the button would give."""
        return self._owed or self._settling

    @property
    def working(self) -> bool:
        """Whether a walk is in the making, or still owed."""
        return self._steps is not None or self._owed

    def note_change(self) -> None:
        """Something in the scene has changed: maybe the curve."""
        self._changed = True

    def drop_work(self) -> None:
        """Forget what was made and is in the making: what it refers to may be gone in a moment."""
        self._generation = self._steps = self._earlier = None
        self._changed, self._settling = True, False
        self._owed = self._owed or self.sketches > 0  # an undo may bring keys of a sketch back
        for followed in (self._scene, self._rig, self._action):
            followed.let_go()

    def tick(self) -> float:
        """Look for changes, or go on with the work; returns seconds until the next tick."""
        window, reason = self._window()
        if reason != self._waits:
            self._waits, self.message = reason, reason
            redraw()
        if window is None or reason or progress.fraction() is not None:
            return _TICK
        began = time.perf_counter()
        with bpy.context.temp_override(window=window):
            scene, obj, take = self._things()
            if (self._steps is None or self._settling) and not self._begin(scene, obj, take):
                return _TICK
            more = any(time.perf_counter() - began >= _SLICE for _ in self._steps)
            if not more and time.perf_counter() - began < _WRITE_WITHIN:
                self._write(obj, take)
        self.blocked[-1] = max(self.blocked[-1], time.perf_counter() - began)
        return 0.0

    def settle(self) -> None:
        """Make the walk that is owed at once, if any is and nothing keeps it from being made."""
        window, reason = self._window()
        if not self.working or window is None or reason:
            return
        with bpy.context.temp_override(window=window):
            scene, obj, take = self._things()
            self._make(scene, obj, take, self._done, sketch=False)
            self._began, self._settling = time.perf_counter(), True
            for _ in self._steps:
                pass
            self._write(obj, take)

    def _window(self):
        """The window that shows the scene, None if there is none, and why Live waits, or ""."""
        scene = self._scene.get()
        windows = [w for w in bpy.context.window_manager.windows if w.scene == scene]
        if rendering():
            return None, "Live waits until the render is done."
        if playing(windows):
            return None, "Live waits while the animation plays."
        return (windows[0] if windows else None), ""

    def _things(self):
        """Scene, rig and take, as they are now; _GoneError says which of them is not."""
        scene, obj, action = self._scene.get(), self._rig.get(), self._action.get()
        if scene is None or obj is None:
            gone = self._scene if scene is None else self._rig
            raise _GoneError(f"Live is off: {gone.name!r} is gone.")
        if action is None:
            raise _GoneError(f"Live is off: its take {self._action.name!r} was removed.")
        selection.follow(obj.name)
        if actions.active_action(obj) != action:
            raise _GoneError(f"Live is off: {obj.name!r} plays another action now.")
        for take in obj.quaternet_takes.items:
            if take.action == action:
                return scene, obj, take
        raise _GoneError(f"Live is off: {action.name!r} is no take any more.")

    def _begin(self, scene, obj, take):
        """Start the work, if there is any; ValueError for what cannot be walked."""
        began = time.perf_counter()
        if (wishes := self._wishes(scene, obj)) is not None:
            self._make(scene, obj, take, wishes, sketch=self._written == wishes[2])
            self._began = began
            self.blocked.append(0.0)
        elif self._steps is None and self._owed and began >= self._settle_from:
            self._make(scene, obj, take, self._done, sketch=False)
            self._began, self._settling = began, True
            self.blocked.append(0.0)
        return self._steps is not None

    def _wishes(self, scene, obj):
        """Options, inputs and place, if they are not those that are done; else None."""
        options, place = options_of_panel(scene.quaternet), _place(obj)
        if not self._changed and (options, place) == (self._done[0], self._done[2]):
            return None
        if time.perf_counter() < self._rest_until:
            return None
        self._changed = False
        with Transaction(scene, obj):
            inputs = read_inputs(scene, options, metres_per_unit(scene))
        if (options, inputs, place) != self._done:
            return options, inputs, place
        # Reading a curve that is being edited is a change to Blender: not on and on.
        self._rest_until = time.perf_counter() + _REST
        return None

    def _make(self, scene, obj, take, wishes, sketch):
        """Begin a walk. sketch: it may be one, of the rig as it was."""
        self._steps = self._generation = None
        # What cannot be walked is not tried again.
        self._done, self._owed, self._settling = wishes, False, False
        options, inputs, place = wishes
        alike = self._earlier if sketch else None
        with Transaction(scene, obj):
            known = {"take": take, "inputs": inputs, "alike": alike}
            self._generation = WalkGeneration(bpy.context, obj, options, **known)
        if self._written == place:
            self._generation.follow(self._earlier, sketch)
        self._steps = iter(self._generation)

    def _write(self, obj, take):
        """New keys in the take's own action; the view shows them at once."""
        generation, seconds = self._generation, self.seconds
        self._generation = self._steps = None
        _rewrite(generation, obj, take)
        self._written = self._done[2]
        if generation.walk.is_sketch:
            self.sketches += 1
        else:  # what the next one takes over
            self._earlier = generation
        if self._settling:
            self._settling, seconds = False, self.settled
        else:
            self._owed, self._settle_from = True, time.perf_counter() + _SETTLE
            self.unchanged.append(generation.walk.unchanged)
        take.action.update_tag()
        obj.update_tag(refresh={"TIME"})
        self.message = ""
        seconds.append(time.perf_counter() - self._began)
        redraw()


def _rewrite(generation, obj, take):
    """The keys of a finished walk in place of a take's own: all of them, or those that were."""
    (motion,), target = generation.motions, actions.Bound(obj, take.action)
    frames = generation.first, generation.first + len(motion) - 1
    with Transaction(generation.scene, obj), KeyBackup(target):
        generation.write(target, motion)
        take.remember(asdict(generation.options), frames)


def _place(obj):
    """What of a rig its walk depends on: how it is driven, its bones, and where it stands."""
    driving = options_of(obj)
    mapping = tuple(stored_mapping(obj).as_dict().items())
    if driving.root == "OBJECT":  # its place is what the walk itself animates
        return driving, mapping
    return driving, mapping, tuple(tuple(row) for row in obj.matrix_world)


def rendering() -> bool:
    """Whether Blender renders or bakes: keys must stay as they are meanwhile."""
    return any(bpy.app.is_job_running(job) for job in _RENDERS)


def playing(windows: Iterable[bpy.types.Window]) -> bool:
    """Whether the animation plays in one of some windows: new keys would come too late for it."""
    return any(window.screen.is_animation_playing for window in windows)


def session() -> _Session | None:
    """What is live now, or None."""
    return _session


def last_words() -> str:
    """Why Live ended by itself, or "" if it did not."""
    return _last_words


def start(context: bpy.types.Context, obj: bpy.types.Object) -> str:
    """Make a new take from the panel's options and keep it up to date; returns a message.

    ValueError for what cannot be walked; then nothing has changed.
    """
    global _session  # noqa: PLW0603  # one is enough: there is one mouse
    stop()
    with Transaction(context.scene, obj):
        generation = WalkGeneration(context, obj, options_of_panel(context.scene.quaternet))
        for _ in generation:
            pass
        text = generation.apply()
        try:
            _session = _Session(generation, actions.active_action(obj))
            selection.follow(obj.name)
            for handlers, function in _HANDLERS:
                handlers.append(function)
            if not bpy.app.background:  # there timers never fire; `tick` can be called
                bpy.app.timers.register(_on_timer, first_interval=_TICK)
            redraw()
        except BaseException:
            stop()
            raise
    return text


def stop(reason: str = "") -> None:
    """Turn Live off; the take keeps the keys that it has. reason: told in the panel."""
    global _session, _last_words  # noqa: PLW0603
    _last_words = reason
    if _session is None:
        return
    _session = None
    selection.follow("")
    for handlers, function in _HANDLERS:
        if function in handlers:
            handlers.remove(function)
    if bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.unregister(_on_timer)
    redraw()


def settle() -> None:
    """Make the walk that is still owed after a sketch: somebody wants to keep the keys."""
    if _session is None:
        return
    try:
        _session.settle()
    except (ValueError, _GoneError, ReferenceError):
        return  # what cannot be walked now leaves the keys that there are


def tick() -> float | None:
    """One turn of the timer: seconds until the next one, None when Live has ended."""
    if _session is None:
        return None
    try:
        return _session.tick()
    except ValueError as error:
        _session.message = str(error)
        redraw()
        return _TICK
    except _GoneError as gone:
        stop(str(gone))
        return None
    except ReferenceError:
        stop("Live is off: something that it needs was removed.")
        return None
    except BaseException:
        stop("Live is off: it failed, see the system console.")  # never again and again
        raise


def _on_timer():
    return tick()


@persistent
def _on_change(scene, depsgraph=None):
    if _session is not None:
        _session.note_change()


@persistent
def _on_undo(*_):
    """References die in an undo; what it restores is looked at anew."""
    if _session is not None:
        _session.drop_work()


@persistent
def _on_save(*_):
    settle()


@persistent
def _on_load(*_):
    stop()


_app = bpy.app.handlers
_HANDLERS = (
    (_app.depsgraph_update_post, _on_change),
    (_app.undo_pre, _on_undo),
    (_app.redo_pre, _on_undo),
    (_app.undo_post, _on_undo),
    (_app.redo_post, _on_undo),
    (_app.save_pre, _on_save),
    (_app.load_pre, _on_load),
)


def redraw() -> None:
    """Have the editors that show keys or the panel drawn again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in _EDITORS:
                area.tag_redraw()


def detach() -> None:
    """Turn Live off."""
    settle()
    stop()
