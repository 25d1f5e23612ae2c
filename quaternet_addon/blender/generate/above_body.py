# SPDX-License-Identifier: GPL-3.0-or-later
"""Bones above the body at a cut: they go to rest there, and the topmost bones take their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..rig.unmapped import fade_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ...core.body.motion import Motion
    from ..keys.channels import Channel
    from ..keys.continued import Past
    from ..rig.driver import Driver


class AboveBody:
    """names: of the bones above the hips of a driver's rig that no joint has."""

    def __init__(self, driver: Driver):
        self._driver, self._mapped = driver, set(driver.mapping.values())
        self.names = self._parents(driver.mapping["Hips"]) - self._mapped

    def start(
        self,
        now: Motion,
        past: Past,
        rest: Iterable[Channel],
        between: Iterable[str],
        channels_of: Callable[..., Sequence[Channel]],
    ) -> dict[str, np.ndarray]:
        """What the topmost bones are now once those above are at rest: data path -> ``(n,)``.

        Empty where these are at rest anyway. A root that has travelled goes back, and the hips are
        in its place within a part of a frame, not on the way to the next one.

        now: the pose that the body is in, what to ask for. past: up to now. rest: the channels with
        one row that go to rest. between: names of bones as `rig.unmapped.fade_out` has them.
        channels_of: see `beginning.Continued.write`.
        """
        if not any(past.is_off(channel) for channel in rest if channel.group in self.names):
            return {}
        driver, known = self._driver, list(self._driver.warnings)
        turned = fade_out(driver.obj, between, past.values, np.inf, 1)  # as they are now
        channels = channels_of(now, past.values, turned)
        driver.warnings = known  # those of the motion come
        return {c.path: c.values[0] for c in channels if self._is_topmost(c.group)}

    def _is_topmost(self, name):
        """Is no bone of the motion above this one?"""
        if name in self._driver.placed.names:
            return True
        return name in self._driver.obj.pose.bones and not self._mapped & self._parents(name)

    def _parents(self, name):
        return {bone.name for bone in self._driver.obj.data.bones[name].parent_recursive}
