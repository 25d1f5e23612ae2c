# SPDX-License-Identifier: GPL-3.0-or-later
"""What all generated motion has in common: read everything first, write everything last.

Nothing in the file changes before `Job.apply`, so dropping a job cancels it.
"""

import numpy as np

from . import action as actions
from . import mapping as mappings
from .armature import metres_per_unit, read_rig
from .driving import Driver

_REMEDY = "Install the newest QuaterNet again to get its own model file back."
_models = {}  # load function -> ((path, time of change, size), loaded model)


def load_cached(load, path, what):
    """``load(path)``, again only when the file changed; what: "walk", for the message."""
    try:
        status = path.stat()
        key = (path, status.st_mtime_ns, status.st_size)
        if _models.get(load, (None,))[0] != key:
            _models[load] = (key, load(path))
    except (OSError, ValueError) as error:
        raise ValueError(f"The {what} model cannot be used: {error}. {_REMEDY}") from error
    return _models[load][1]


class Job:
    """Motion for one rig in the making: iterate it for progress in [0, 1], then `apply`.

    Subclasses say what is generated: `title` begins the names of actions, `_prepare` makes
    ``self.generator`` (iterable for progress, then with ``.motion``). Raises ValueError with a
    message for the user whenever the input does not allow it.
    """

    title = "Motion"

    def __init__(self, context, obj, options):
        reason = mappings.why_not_editable(obj)
        if reason:
            raise ValueError(reason)
        self.options, self.object, self.scene = options, obj, context.scene
        unit = metres_per_unit(context.scene)
        self.rig = read_rig(obj, context.evaluated_depsgraph_get(), unit)
        self.mapping, self.detection = mappings.usable_mapping(obj, self.rig)
        self.driver = Driver(obj, self.rig, self.mapping)
        self.warnings = list(self.driver.warnings)
        self._prepare()

    def _prepare(self):
        raise NotImplementedError

    def __iter__(self):
        return iter(self.generator)

    @property
    def rate(self):
        """Frames a second of the scene."""
        return self.scene.render.fps / self.scene.render.fps_base

    def apply(self):
        """Write the finished motion as a new action from the current frame on; a message."""
        obj, motion = self.object, self.generator.motion
        first = self.scene.frame_current
        frames = np.arange(first, first + len(motion), dtype=float)
        channels = self.driver.channels(motion)
        previous = obj.animation_data.action if obj.animation_data else None
        action, take_back = actions.new_action(obj, f"{self.title} {obj.name}")
        try:
            bag = actions.fcurve_bag(obj, action)
            for channel in channels:
                actions.write_channels(bag, channel, frames)
        except Exception:
            take_back()
            raise
        if self.detection is not None:
            found = self.detection
            obj.data.quaternet_mapping.store(found.mapping, found.confidence, found.doubtful)
        self.driver.settle()
        self.scene.frame_set(first)
        return self._message(action, previous, first, first + len(motion) - 1)

    def _message(self, action, previous, first, last):
        text = f"{action.name!r}: frames {first} to {last}{self._where()}"
        if previous is not None:
            text += f"; {previous.name!r} is kept"
        if last > self.scene.frame_end:
            text += f"; the scene ends at frame {self.scene.frame_end}"
        return text

    def _where(self):
        """What else the message says about the motion, with a space before it."""
        return ""
