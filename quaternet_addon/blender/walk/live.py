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
from typing import TYPE_CHECKING

import bpy
from bpy.app.handlers import persistent

from ..generate import progress
from ..keys import action as actions
from ..keys.transaction import Transaction
from ..rig import selection
from ..rig.armature import metres_per_unit
from .followed import Followed
from .live_making import Making, Wishes, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


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


class _Things:
    """Scene, rig and action that Live keeps to, whatever they are called meanwhile."""

    def __init__(self, generation, action):
        self.scene = Followed("scenes", generation.scene)
        self._rig = Followed("objects", generation.object)
        self._action = Followed("actions", action)

    def let_go(self) -> None:
        """They may be gone in a moment: look for them anew."""
        for followed in (self.scene, self._rig, self._action):
            followed.let_go()

    def now(self) -> tuple[bpy.types.Scene, bpy.types.Object, Any]:
        """Scene, rig and take, as they are now; _GoneError says which of them is not."""
        scene, obj, action = self.scene.get(), self._rig.get(), self._action.get()
        if scene is None or obj is None or not selection.is_in(scene, obj):
            gone = self.scene if scene is None else self._rig
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


class _Session:
    """One rig's walk that is kept up to date.

    message: why it cannot be walked now, or "". seconds: how long each update took, from the
    start of its work to the keys; blocked: the longest turn of each; unchanged: how many of its
    first frames were the earlier ones. sketches: how many of them were sketches. settled: seconds
    that each walk took that was made once more with all that the button does.
    """

    def __init__(self, generation, action):
        self._things, self._making = _Things(generation, action), Making(generation)
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
        return self._making.working or self._owed

    def note_change(self) -> None:
        """Something in the scene has changed: maybe the curve."""
        self._changed = True

    def drop_work(self) -> None:
        """Forget what was made and is in the making: what it refers to may be gone in a moment."""
        self._making.drop()
        self._changed, self._settling = True, False
        self._owed = self._owed or self.sketches > 0  # an undo may bring keys of a sketch back
        self._things.let_go()

    def tick(self) -> float:
        """Look for changes, or go on with the work; returns seconds until the next tick."""
        window, reason = _window(self._things.scene.get())
        if reason != self._waits:
            self._waits, self.message = reason, reason
            redraw()
        if window is None or reason or progress.fraction() is not None:
            return _TICK
        began = time.perf_counter()
        with bpy.context.temp_override(window=window):
            scene, obj, take = self._things.now()
            if not self._making.working or self._settling:
                self._begin(scene, obj, take)
            if not self._making.working:
                return _TICK
            more = any(time.perf_counter() - began >= _SLICE for _ in self._making.steps)
            if not more and time.perf_counter() - began < _WRITE_WITHIN:
                self._write(obj, take)
        self.blocked[-1] = max(self.blocked[-1], time.perf_counter() - began)
        return 0.0

    def settle(self) -> None:
        """Make the walk that is owed at once, if any is and nothing keeps it from being made."""
        window, reason = _window(self._things.scene.get())
        if not self.working or window is None or reason:
            return
        with bpy.context.temp_override(window=window):
            scene, obj, take = self._things.now()
            self._make(scene, obj, take, settle=True)
            for _ in self._making.steps:
                pass
            self._write(obj, take)

    def _begin(self, scene, obj, take):
        """Start the work, if there is any; ValueError for what cannot be walked."""
        began = time.perf_counter()
        if self._is_wished_anew(scene, obj):
            self._make(scene, obj, take)
        elif not self._making.working and self._owed and began >= self._settle_from:
            self._make(scene, obj, take, settle=True)
        else:
            return
        self._began = began

    def _is_wished_anew(self, scene, obj):
        """Whether something else is wished than what was begun last."""
        done, now = self._making.wishes, time.perf_counter()
        options, place = Making.options_of_panel(scene.quaternet), place_of(obj)
        same = not self._changed and (options, place) == (done.options, done.place)
        if same or now < self._rest_until:
            return False
        self._changed = False
        with Transaction(scene, obj):
            inputs = Making.read_inputs(scene, options, metres_per_unit(scene))
        wishes = Wishes(options, inputs, place)
        if wishes == done:
            # Reading a curve that is being edited is a change to Blender: not on and on.
            self._rest_until = now + _REST
            return False
        self._making.wishes = wishes
        return True

    def _make(self, scene, obj, take, settle=False):
        self._owed = self._settling = False  # what cannot be walked is not tried again
        self._began = time.perf_counter()
        self._making.begin(scene, obj, take, sketch=not settle)
        self._settling = settle
        self.blocked += [] if settle and self.blocked else [0.0]

    def _write(self, obj, take):
        """New keys in the take's own action; the view shows them at once."""
        walk, taken = self._making.write(obj, take), time.perf_counter() - self._began
        self.sketches += walk.is_sketch
        if self._settling:
            self._settling = False
            self.settled.append(taken)
        else:
            self._owed, self._settle_from = True, time.perf_counter() + _SETTLE
            self.unchanged.append(walk.unchanged)
            self.seconds.append(taken)
        self.message = ""
        redraw()


def _window(scene):
    """The window that shows the scene, None if there is none, and why Live waits, or ""."""
    windows = [w for w in bpy.context.window_manager.windows if w.scene == scene]
    if rendering():
        return None, "Live waits until the render is done."
    if playing(windows):
        return None, "Live waits while the animation plays."
    return (windows[0] if windows else None), ""


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
        settings = context.scene.quaternet
        options, chosen = Making.options_of_panel(settings), Making.chosen_in_panel(settings)
        generation = Making.Generation(context, obj, options, chosen=chosen)
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
