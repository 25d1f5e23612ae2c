# SPDX-License-Identifier: GPL-3.0-or-later
"""How long generating will take, from how long it took in this session; never saved."""

from bpy.app.translations import pgettext_iface as iface_

_START = 0.1  # seconds that any motion takes before its first frame, about
_FIRST_GUESS = 400.0  # frames a second, keys included; the first motion corrects it
_NOTICED = 0.5  # share of the newest measurement in what is remembered
_AT_ONCE = 1.0  # seconds: less is not worth a number
_MINUTES = 60.0  # seconds from which on minutes are told
_TELLING = 0.5  # seconds: what was ready sooner says little of how long a long motion takes
_rates = {}  # mode, or (mode, name of the rig's armature) -> seconds a frame


def note(
    mode: str, rig: str, frames: int, seconds: float, first_guess: float = _FIRST_GUESS
) -> None:
    """A motion of so many frames took so long, from the click to the keys.

    Of a motion that was ready at once only bounds are known: how much of the time was for its
    frames, and how much for what every motion takes. What was known stays within them.
    """
    if frames < 1:
        return
    for place in (mode, (mode, rig)):
        least, most = max(seconds - _START, 0.0) / frames, seconds / frames
        known = _rates.get(place, _rates.get(mode, 1.0 / first_guess))
        if seconds < _TELLING:
            _rates[place] = min(max(known, least), most)
        else:
            before = _rates.get(place, least)
            _rates[place] = before + _NOTICED * (least - before)


def estimate(mode: str, rig: str, frames: int, first_guess: float = _FIRST_GUESS) -> float:
    """Seconds that a motion of so many frames will take.

    first_guess: frames a second, while no motion of this mode was generated.
    """
    return _START + frames * _rates.get((mode, rig), _rates.get(mode, 1.0 / first_guess))


def in_words(mode: str, rig: str, frames: int, first_guess: float = _FIRST_GUESS) -> str:
    """The estimate for a label: "Ready in about 3 s"."""
    seconds = estimate(mode, rig, frames, first_guess)
    if seconds < _AT_ONCE:
        return iface_("Ready in less than a second")
    if seconds < _MINUTES:
        return iface_("Ready in about {:.0f} s").format(seconds)
    return iface_("Ready in about {:.0f} min").format(max(1.0, seconds / 60.0))


def forget() -> None:
    """Back to the first guess."""
    _rates.clear()
