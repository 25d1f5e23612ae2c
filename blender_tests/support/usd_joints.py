# SPDX-License-Identifier: GPL-3.0-or-later
"""World places of the joints of a USD file, read by Pixar's own library: JSON of times for each.

Run with a Python that has usd-core: ``python usd_joints.py FILE TIME ...``.
"""

import json
import sys

from pxr import Usd, UsdGeom, UsdSkel


def joints(file, times):
    """``{joint: [[x, y, z] at each time]}`` metres, in the stage's axes."""
    stage, cache = Usd.Stage.Open(file), UsdSkel.Cache()
    skeletons = [prim for prim in stage.Traverse() if prim.IsA(UsdSkel.Skeleton)]
    (skeleton,) = skeletons
    query, found = cache.GetSkelQuery(UsdSkel.Skeleton(skeleton)), {}
    for time in map(Usd.TimeCode, times):
        world = UsdGeom.Xformable(skeleton).ComputeLocalToWorldTransform(time)
        places = query.ComputeJointSkelTransforms(time)
        for path, place in zip(query.GetJointOrder(), places, strict=True):
            name = str(path).rpartition("/")[2]
            found.setdefault(name, []).append(list((place * world).ExtractTranslation()))
    return found


if __name__ == "__main__":
    print(json.dumps(joints(sys.argv[1], [float(time) for time in sys.argv[2:]])))
