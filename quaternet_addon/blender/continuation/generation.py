# SPDX-License-Identifier: GPL-3.0-or-later
"""The motion of one rig goes on after the current frame."""

from __future__ import annotations

from ...core.continuation import continuation, model, options
from ...core.imported.clip import ImportedClip
from ...core.keys import options as key_options
from ...core.options import COMMON, options_class
from ..generate.beginning import Continued
from ..generate.generation import Generation
from ..generate.models import chosen_clip_model
from .shipped import load_model

ContinuationOptions = options_class(
    "ContinuationOptions",
    (options.OPTIONS, key_options.OPTIONS, COMMON),
)


class ContinuationGeneration(Generation):
    """One continuation in the making: iterate it for progress in [0, 1], then `apply`."""

    mode, title, Options = "CONTINUE", "Continue", ContinuationOptions
    fingers = True  # as the source leaves them

    def _check(self):
        self._imported = chosen_clip_model("continue")
        self._model = None if self._imported else load_model(model.DEFAULT_MODEL)

    def _begin(self):
        return Continued(self.driver, self.scene, self.take, model.CONTEXT_SECONDS)

    def _prepare(self):
        seconds = self.beginning.context.duration
        if self._imported is None and seconds < continuation.LEAST_CONTEXT:
            return  # the continuation itself says so
        if seconds < model.CONTEXT_SECONDS - 1.5 / self.rate:
            self.warnings.append(
                f"only {seconds:.2g} s of motion before frame {self.beginning.now}, "
                f"{model.CONTEXT_SECONDS:g} s give the best continuation"
            )

    def _generator(self, seed):
        chosen = self.options
        if self._imported is not None:
            return ImportedClip(
                self._imported,
                self.beginning.context,
                duration=chosen.duration,
                fps=self.rate,
                blend=chosen.blend,
            )
        return continuation.Continuation(
            self._model,
            self.beginning.context,
            duration=chosen.duration,
            seed=seed,
            fps=self.rate,
            skeleton=self.driver.skeleton,
            foot_lock=chosen.foot_lock,
            ground=None,
            blend=chosen.blend,
        )
