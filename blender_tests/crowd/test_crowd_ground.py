# SPDX-License-Identifier: GPL-3.0-or-later
"""Make Crowd on large grounds: it says how far it is from the beginning, and can be left."""

import time

import bpy
import numpy as np
import pytest
from support import digest, rigs


@pytest.fixture
def hero():
    """A rig beside a rolling ground of 204,800 triangles named Hills."""
    at = np.linspace(-30.0, 30.0, 321)
    x, y = np.meshgrid(at, at, indexing="ij")
    points = np.stack([x, y, 0.2 * np.sin(0.3 * x) * np.cos(0.2 * y)], -1).reshape(-1, 3)
    corner = (np.arange(320)[:, None] * 321 + np.arange(320)).ravel()
    faces = np.stack([corner, corner + 321, corner + 322, corner + 1], -1)
    mesh = bpy.data.meshes.new("Hills")
    mesh.from_pydata(points.tolist(), [], faces.tolist())
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Hills", mesh))
    hero = rigs.make("mixamo")
    rigs.activate(hero)
    return hero


@pytest.fixture
def crowd(module, hero):
    """Function of a number of walkers: their crowd on the hills, not begun."""
    making = module("blender.crowd.making")

    def crowd(count):
        options = making.CrowdOptions(count=count, ground="Hills", seed=1)
        return making.CrowdGeneration(bpy.context, options)

    return crowd


def test_300_walkers_on_205_000_triangles_say_how_far_they_are_and_leave_nothing(crowd):
    before, start, told = digest.of_file(), time.process_time(), []
    generation = crowd(300)
    first = time.process_time() - start
    for done in generation:  # Esc between any two of them
        told.append(done)
        if len(told) == 400:
            break
    planned = time.process_time() - start
    del generation
    assert first < 6.0 and planned < 20.0
    assert np.all(np.diff(told) >= 0.0) and 0.0 < told[0] < 0.01 < told[-1] < 0.25
    assert digest.of_file() == before


def test_the_ground_is_made_ready_once_for_all_who_walk_on_it(crowd, module, monkeypatch):
    made, ground = [], module("blender.rig.ground")
    rays = ground._Rays

    def counted(*asked):
        made.append(asked)
        return rays(*asked)

    monkeypatch.setattr(ground, "_Rays", counted)
    for _ in crowd(4):
        pass
    assert len(made) == 1


def test_a_ground_that_was_changed_is_made_ready_anew(hero, module):
    ground, hills = module("blender.rig.ground").Ground("Hills", 1.0), bpy.data.objects["Hills"]
    assert ground.surface(0.9, 0.0)(np.zeros((1, 2)))[0][0] == pytest.approx(0.0, abs=1e-3)
    hills.location.z = 0.5
    bpy.context.view_layer.update()
    assert ground.surface(0.9, 0.0)(np.zeros((1, 2)))[0][0] == pytest.approx(0.5, abs=1e-3)
