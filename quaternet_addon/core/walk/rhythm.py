# SPDX-License-Identifier: GPL-3.0-or-later
"""When the feet step: a person's cadence, and starts and stops on the beat of people; pure.

In ten recorded starts of walks the phase is -0.60 pi (s.d. 0.11 pi) from a step when the body
passes three tenths of its speed; in stops it is at 0.1 pi: the last step closes beside the other
foot. Planned stops brake harder at their end than recorded ones: measured on walks of the model,
feet come to stand side by side at 0.22 pi.
"""

from dataclasses import dataclass

import numpy as np

START_PHASE, STOP_PHASE = -0.6 * np.pi, 0.22 * np.pi
_PASSED = 0.3  # of the speed
_REACHED = 0.6  # of the speed: a stretch that stays slower has a speed of its own
_SPREAD = 6.0 * np.pi  # of phase: the steps before a stop that make room for the last one
_MOST = 0.3  # of the phase between a start and a stop that may be made up; aside all of it
_FEW = 2.5 * np.pi  # of phase from a start to a stop: two steps
_CLOSES = 0.3, 0.2  # m/s at which a last step still closes, ahead and aside
_MOSTLY = 0.7  # of the greatest speed
_RUNS = 0.985  # of the pace network's cadence: recorded runs take 1 to 2 % fewer steps a minute
_STILL = 1e-6  # metres a frame


@dataclass(frozen=True)
class Rhythm:
    """How somebody steps: first_foot, 0 left or 1 right; cadence against everybody's, walking."""

    first_foot: int = 0
    cadence: float = 1.0

    def steps(self, steps: np.ndarray, gait: np.ndarray) -> np.ndarray:
        """Phase a frame ``(T,)`` in one's own cadence; running ones have everybody's."""
        return steps * (_RUNS * gait + self.cadence * (1.0 - gait))

    def aligned(
        self,
        phases: np.ndarray,
        speeds: np.ndarray,
        distances: np.ndarray,
        cruise: float,
        standing: tuple[bool, bool],
        leads: np.ndarray | None = None,
    ) -> np.ndarray:
        """``phases: (T,)`` (rising, radians) moved so that starts and stops fall on their beat.

        speeds, distances: ``(T,)`` m/s and metres along the way. cruise: m/s of the steady parts.
        standing: whether the walk begins, and ends, with a stand. leads: ``(T,)``, the foot that
        goes first in sidesteps, 0 left or 1 right, else -1: it starts, and the other one closes.
        """
        leads = np.full(len(phases), -1) if leads is None else leads
        out, spans = np.array(phases, float), moving_spans(distances)
        for number, (first, last) in enumerate(spans):
            # The asked speed where it is about reached: what comes later changes nothing then.
            most = speeds[first:last].max()
            fast = speeds[first:last] >= _PASSED * (cruise if most > _REACHED * cruise else most)
            begins, ends = number > 0 or standing[0], number + 1 < len(spans) or standing[1]
            away, stop = first + int(np.argmax(fast)), last - 1 - int(np.argmax(fast[::-1]))
            # Slower feet no longer leave the ground.
            fast &= speeds[first:last] >= min(_CLOSES[int(leads[stop] >= 0)], _MOSTLY * most)
            stop = last - 1 - int(np.argmax(fast[::-1]))
            if begins:
                foot, any_foot = int(leads[away]), number > 0 and leads[away] < 0
                wanted = START_PHASE + np.pi * (self.first_foot if foot < 0 else foot)
                more = _to(out[away], wanted, np.pi if any_foot else 2.0 * np.pi)
                stood = spans[number - 1][1] if number else -1  # nobody sees the phase of a stand
                out += more * np.clip((np.arange(len(out)) - stood) / (first - stood), 0.0, 1.0)
            if ends and stop > away:
                out = _stretched(out, away, stop, int(leads[stop]))
        return out


def moving_spans(distances: np.ndarray) -> list[tuple[int, int]]:
    """``[(first, last), ...]``: frames between one stand and the next.

    distances: ``(T,)`` metres along the way.
    """
    moving = np.concatenate([[False], np.abs(np.diff(distances)) > _STILL, [False]])
    edges = np.flatnonzero(np.diff(moving.astype(int)))
    return [(a, b) for a, b in edges.reshape(-1, 2).tolist() if b - a > 1]


def _to(phase, wanted, period):
    """What to add to a phase to be at ``wanted``, by the nearest way round."""
    return (wanted - phase + 0.5 * period) % period - 0.5 * period


def _stretched(phases, away, stop, lead):
    """The phase at ``stop`` on its beat, the steps before it a little quicker or slower."""
    missing, most = _to(phases[stop], STOP_PHASE, np.pi), _MOST
    span = min(_SPREAD, phases[stop] - phases[away])
    if lead >= 0:  # slower sidesteps would be longer ones, but for the shortest ways
        late, most = 0.5 * np.pi * (span > _FEW), 1.0
        missing = late + _to(phases[stop] + late, STOP_PHASE + np.pi * lead, 2.0 * np.pi)
    limit = most * span
    share = np.clip((phases - (phases[stop] - span)) / max(span, 1e-9), 0.0, 1.0)
    return phases + np.clip(missing, -limit, limit) * share
