# SPDX-License-Identifier: GPL-3.0-or-later
"""How long generating will take, from how long it took in this session; never saved."""

from bpy.app.translations import pgettext_iface as iface_

_START = 0.1  # seconds that any motion takes before its first frame, about
_FIRST_GUESS = 400.0  # frames a second, keys included; the first motion corrects it
_NOTICED = 0.5  # share of the newest measurement in what is remembered
_AT_ONCE = 1.0  # seconds: less is not worth a number
_MINUTES = 90.0  # seconds from which on minutes are told
_rates = {}  # mode, or (mode, name of the rig's armature) -> frames a second


def note(mode, rig, frames, seconds):
    """A motion of so many frames took so long, from the click to the keys."""
    if frames < 1:
        return
    rate = frames / max(seconds - _START, 1e-3)
    for place in (mode, (mode, rig)):
        before = _rates.get(place, rate)
        _rates[place] = before + _NOTICED * (rate - before)


def estimate(mode, rig, frames, first_guess=_FIRST_GUESS):
    """Seconds that a motion of so many frames will take.

    first_guess: frames a second, while no motion of this mode was generated.
    """
    rate = _rates.get((mode, rig), _rates.get(mode, first_guess))
    return _START + frames / rate


def in_words(mode, rig, frames, first_guess=_FIRST_GUESS):
    """The estimate for a label: "Ready in about 3 s"."""
    seconds = estimate(mode, rig, frames, first_guess)
    if seconds < _AT_ONCE:
        return iface_("Ready in less than a second")
    if seconds < _MINUTES:
        return iface_("Ready in about {:.0f} s").format(seconds)
    return iface_("Ready in about {:.0f} min").format(max(2.0, seconds / 60.0))


def forget():
    """Back to the first guess."""
    _rates.clear()
