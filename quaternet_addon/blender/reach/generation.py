# SPDX-License-Identifier: GPL-3.0-or-later
"""The motion of one rig goes over into poses that are keyed after the current frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.approach.walker import Walker
from ...core.keys import options as key_options
from ...core.options import COMMON, options_class
from ...core.reach import model, options, reach
from ...core.walk import model as walk_model
from ..generate.generation import Generation
from ..generate.models import load_cached
from .beginning import TowardsPoses

if TYPE_CHECKING:
    from pathlib import Path

    from ...core.reach.model import ReachModel


ReachOptions = options_class("ReachOptions", (options.OPTIONS, key_options.OPTIONS, COMMON))


def load_model(path: Path) -> ReachModel:
    """The reach model of a file; loaded again only when the file changed."""
    return load_cached(model.load_model, path, "reach")


def load_walker(path: Path) -> Walker:
    """What walks to far poses, with the walk's model of a file."""
    return Walker(walk_model.load_model(path))


class ReachGeneration(Generation):
    """One way to a pose, or to several in a row, in the making; see `Generation`."""

    mode, title, Options = "REACH", "Reach", ReachOptions
    fingers = True  # into those of the poses

    def _check(self):
        self._model = load_model(model.DEFAULT_MODEL)
        self._walker = load_cached(load_walker, walk_model.DEFAULT_MODEL, "walk")

    def _begin(self):
        return TowardsPoses(self.driver, self.scene, self.take, self.options.frames)

    def _generator(self, seed):
        return reach.Reach(
            self._model,
            self.beginning.context,
            self.beginning.keys,
            seed=seed,
            fps=self.rate,
            foot_lock=self.options.foot_lock,
            walker=self._walker,
        )

    def apply(self) -> str:
        message = super().apply()
        self.warnings += [w for w in self.beginning.warnings if w not in self.warnings]
        return message

    def place(self) -> dict[str, str]:
        return {"frames": ", ".join(f"{frame:g}" for frame in self.beginning.targets)}
