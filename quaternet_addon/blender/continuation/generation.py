# SPDX-License-Identifier: GPL-3.0-or-later
"""The motion of one rig goes on after the current frame."""

from dataclasses import dataclass
from functools import cache

from ...core.continuation import continuation, model
from ..generate.from_pose import CONTEXT_SECONDS, ContinuingGeneration
from ..generate.models import load_cached
from ..keys.options import KeyOptions


@dataclass(frozen=True)
class ContinuationOptions(KeyOptions):
    """What the user chose. duration, blend: seconds."""

    duration: float = 1.0
    blend: float = 0.2
    seed: int = 0
    variations: int = 1
    foot_lock: bool = True


def load_model(path):
    """The continuation model of a file; loaded again only when the file changed."""
    return load_cached(model.load_model, path, "continuation")


@cache
def reliable_seconds():
    """How far the shipped model is reliable, for the panel; 0.0 if that is not known.

    Read once from the file, as a panel may not read files whenever it is drawn.
    """
    try:
        return round(load_model(model.DEFAULT_MODEL).reliable_seconds, 1)
    except ValueError:
        return 0.0


class ContinuationGeneration(ContinuingGeneration):
    """One continuation in the making: iterate it for progress in [0, 1], then `apply`."""

    mode, title, Options = "CONTINUE", "Continue", ContinuationOptions

    def _prepare(self):
        self._model = load_model(model.DEFAULT_MODEL)
        super()._prepare()
        if self.context.duration < CONTEXT_SECONDS - 1.5 / self.rate:
            self.warnings.append(
                f"only {self.context.duration:.2g} s of motion before frame {self.now}, "
                f"{CONTEXT_SECONDS:g} s give the best continuation"
            )

    def _generator(self, seed):
        options = self.options
        return continuation.Continuation(
            self._model,
            self.context,
            duration=options.duration,
            seed=seed,
            fps=self.rate,
            skeleton=self.driver.skeleton,
            foot_lock=options.foot_lock,
            ground=None,
            blend=options.blend,
        )
