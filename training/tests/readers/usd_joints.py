# SPDX-License-Identifier: GPL-3.0-or-later
"""World places of the joints of a USD file, read by Pixar's own library (usd-core on PyPI)."""


def joints(file, times):
    """``{joint: [[x, y, z] at each time]}`` metres in the stage's axes, and its frames a second."""
    from pxr import Usd, UsdGeom, UsdSkel

    stage, cache = Usd.Stage.Open(file), UsdSkel.Cache()
    (skeleton,) = [prim for prim in stage.Traverse() if prim.IsA(UsdSkel.Skeleton)]
    query, found = cache.GetSkelQuery(UsdSkel.Skeleton(skeleton)), {}
    for time in map(Usd.TimeCode, times):
        world = UsdGeom.Xformable(skeleton).ComputeLocalToWorldTransform(time)
        places = query.ComputeJointSkelTransforms(time)
        for path, place in zip(query.GetJointOrder(), places, strict=True):
            name = str(path).rpartition("/")[2]
            found.setdefault(name, []).append(list((place * world).ExtractTranslation()))
    return found, stage.GetTimeCodesPerSecond()
