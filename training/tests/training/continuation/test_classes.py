# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured by class, and what rules are chosen on."""

from training.continuation.by_class import CLASSES, TRAINING
from training.data.collection import HELD_OUT


def paths(classes):
    return {f"{name}.bvh" for names in classes.values() for name in names}


def test_rules_are_not_chosen_on_what_is_held_out():
    assert not paths(TRAINING) & set(HELD_OUT)
    assert paths(CLASSES) <= set(HELD_OUT)
