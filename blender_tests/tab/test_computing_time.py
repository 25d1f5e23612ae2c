# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the big button will take."""

import bpy
import pytest
from support import rigs
from support.fake_layout import FakeLayout, draw_panel


class TestComputingTime:
    """How long the big button will take: a guess at first, then as measured, never saved."""

    @pytest.fixture
    def clock(self, module):
        found = module("blender.generate.computing_time")
        found.forget()
        yield found
        found.forget()

    @pytest.mark.parametrize("mode", ["CONTINUE", "WALK", "DANCE"])
    def test_every_mode_tells_before_and_after_the_first_run(self, module, clock, mode):
        rigs.make("mixamo")
        settings = bpy.context.scene.quaternet
        settings.mode, settings.curve = mode, rigs.s_curve()
        settings.dance.duration, settings.continuation.duration = 2.0, 1.0
        rigs.activate(bpy.data.objects["Mixamo"])
        assert "Ready in" in self.told(module)
        operators = {
            "CONTINUE": bpy.ops.quaternet.continue_motion,
            "WALK": lambda: bpy.ops.quaternet.generate_locomotion(curve="Path"),
            "DANCE": lambda: bpy.ops.quaternet.generate_dance(duration=2.0),
        }
        assert (mode, "Mixamo") not in clock._rates
        operators[mode]()
        assert (mode, "Mixamo") in clock._rates
        assert "Ready in" in self.told(module)

    def test_the_estimate_is_what_it_took(self, clock):
        for _ in range(6):
            clock.note("DANCE", "Rig", frames=480, seconds=4.1)
        assert clock.estimate("DANCE", "Rig", 960) == pytest.approx(8.1)
        assert clock.in_words("DANCE", "Rig", 960) == "Ready in about 8 s"
        assert clock.in_words("DANCE", "Rig", 960 * 60) == "Ready in about 8 min"
        assert clock.in_words("DANCE", "Rig", 20) == "Ready in less than a second"

    def test_each_rig_has_its_own_and_a_new_one_the_latest(self, clock):
        clock.note("WALK", "Slow", frames=100, seconds=10.1)
        clock.note("WALK", "Fast", frames=1000, seconds=1.1)
        assert clock.estimate("WALK", "Slow", 200) == pytest.approx(20.1)
        assert clock.estimate("WALK", "Fast", 200) == pytest.approx(0.3)
        assert 0.3 < clock.estimate("WALK", "New", 200) < 20.1

    def test_one_fast_motion_does_not_make_a_long_one_fast(self, clock):
        clock.note("WALK", "Rig", frames=60, seconds=0.05)
        assert clock.estimate("WALK", "Rig", 51_496) > 30.0

    def test_variations_count(self, module, clock):
        rigs.make("mixamo")
        settings = bpy.context.scene.quaternet
        settings.mode, settings.dance.duration = "DANCE", 60.0
        clock.note("DANCE", "Mixamo", frames=100, seconds=1.1)
        settings.variations = 1
        one = self.told(module)
        settings.variations = 4
        assert "14 s" in one and "58 s" in self.told(module)
        settings.variations = 9  # 130 s: minutes from 60 s on
        assert "2 min" in self.told(module)

    def told(self, module):
        layout = FakeLayout()
        draw_panel(module("blender.tab.panel").QUATERNET_PT_motion, layout)
        return " ".join(layout.texts)
