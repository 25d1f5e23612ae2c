# SPDX-License-Identifier: GPL-3.0-or-later
"""What all generated motion has in common: read everything first, write everything last.

Nothing in the file changes before `Generation.apply`, so dropping a generation cancels it.
"""

from dataclasses import asdict, fields

from ..keys import action as actions
from ..keys.thinning import colour_groups, mark_contacts, write_motion
from ..mapping import detection as mappings
from ..rig import selection
from ..rig.armature import frame_rate, metres_per_unit, read_rig
from ..rig.driver import Driver
from . import take as takes


class Generation:
    """Motion for one rig in the making: iterate it for progress in [0, 1], then `apply`.

    options: a frozen `sparse_keys.KeyOptions` whose values JSON can hold, ``seed`` and
    ``variations`` among them: one motion for each seed from ``seed`` on. It starts at the scene's
    current frame; take: one made earlier, from whose first frame it starts anew.

    Subclasses set `mode` (an item of the panel's modes), `title` (begins the names of actions)
    and `Options`; `_prepare` reads what they need, `_generator(seed)` makes what generates one
    motion (iterable for progress, then with ``.motion``), `_write` may keep older keys. Raises
    ValueError with a message for the user whenever the input does not allow it.
    """

    mode, title, Options = "", "Motion", None

    def __init__(self, context, obj, options, take=None):
        reason = selection.why_not_editable(obj)
        if reason:
            raise ValueError(reason)
        self.options, self.object, self.scene = options, obj, context.scene
        self.take = take
        self.first = self.scene.frame_current + self._delay() if take is None else take.frame_start
        unit = metres_per_unit(context.scene)
        self.rig = read_rig(obj, context.evaluated_depsgraph_get(), unit)
        self.mapping, self.detection = mappings.usable_mapping(obj, self.rig)
        self.driver = Driver(obj, self.rig, self.mapping)
        self.warnings = list(self.driver.warnings)
        self.seeds = range(options.seed, options.seed + options.variations)
        self.motions = []
        self._prepare()
        self._generating = self._generator(options.seed)  # refuses bad options before any work

    def _delay(self):
        """Frames from the scene's current one to the first that is generated."""
        return 0

    def _prepare(self):
        """Read what the motion starts from."""

    def _generator(self, seed):
        raise NotImplementedError

    def __iter__(self):
        for index, seed in enumerate(self.seeds):
            generator = self._generator(seed) if index else self._generating
            for fraction in generator:
                yield (index + fraction) / len(self.seeds)
            self.motions.append(generator.motion)
            if not index:
                self.warnings += getattr(generator, "warnings", ())

    @classmethod
    def again(cls, context, obj, take, seed):
        """A generation with the settings of a take, from its first frame on, and this seed."""
        known = {field.name for field in fields(cls.Options)}
        settings = {name: value for name, value in take.as_dict().items() if name in known}
        try:
            options = cls.Options(**settings | {"seed": seed, "variations": 1})
        except TypeError as error:
            raise ValueError(f"The settings of this take cannot be used: {error}.") from error
        return cls(context, obj, options, take)

    @property
    def rate(self):
        """Frames a second of the scene."""
        return frame_rate(self.scene)

    def apply(self):
        """Write the finished motions as new actions, the first one active; returns a message."""
        previous = actions.active_action(self.object)
        drafts = []
        try:
            for seed, motion in zip(self.seeds, self.motions, strict=True):
                drafts.append(actions.Draft(self.object, self._name(seed), self._source()))
                self._write(drafts[-1], motion)
            drafts[0].assign()
        except Exception:
            for draft in drafts:
                draft.discard()
            raise
        self.warnings += [text for text in self.driver.warnings if text not in self.warnings]
        self._remember(drafts, previous)
        self._settle()
        self.scene.frame_set(self.scene.frame_current, subframe=self.scene.frame_subframe)
        return self._message(drafts, previous)

    def _name(self, seed):
        which = f" seed {seed}" if len(self.seeds) > 1 else ""
        return f"{self.title} {self.object.name}{which}"

    def _source(self):
        """The action whose keys the new ones start with, or None."""
        return

    def _write(self, draft, motion):
        """The keys of one motion, from the first frame on."""
        channels = self._channels(motion)
        write_motion(draft.bag, channels, self.first, motion, self.options, self.driver)
        self._dress(draft, motion)

    def _dress(self, draft, motion):
        """What makes keys easy to find: colours of groups, and markers if wanted."""
        colour_groups(draft.bag, self.mapping)
        if self.options.contact_markers:
            mark_contacts(draft.action, self.first, motion)

    def _channels(self, motion):
        return self.driver.channels(motion)

    def _settle(self):
        """What no key says, on the rig itself."""
        self.driver.settle()

    def _remember(self, drafts, previous):
        """The mapping that was found on the way, and a take for each action."""
        if self.detection is not None:
            found, stored = self.detection, self.object.data.quaternet_mapping
            stored.store(found.mapping, found.confidence, found.doubtful, found.preset)
        settings = asdict(self.options) | {"variations": 1} | self._place()
        for draft, seed, motion in zip(drafts, self.seeds, self.motions, strict=True):
            takes.add(
                self.object,
                draft.action,
                mode=self.mode,
                settings=settings | {"seed": seed},
                frames=(self.first, self.first + len(motion) - 1),
                previous=previous,
            )
        self.object.quaternet_takes.active -= len(drafts) - 1

    def _message(self, drafts, previous):
        last = self.first + max(map(len, self.motions)) - 1
        text = f"{drafts[0].action.name!r}: frames {self.first} to {last}{self._where()}"
        if len(drafts) > 1:
            text += f"; {len(drafts) - 1} more in Takes"
        if previous is not None:
            text += f"; {previous.name!r} is kept"
        if last > self.scene.frame_end:
            text += f"; the scene ends at frame {self.scene.frame_end}"
        return text

    def _place(self):
        """What else a take needs to be made again, for `again`: ``{name: JSON value}``."""
        return {}

    def _where(self):
        """What else the message says about the motion, with a space before it."""
        return ""
