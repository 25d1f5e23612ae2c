# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion maths and inference, pure: the standard library and NumPy, nothing else.

Conventions, valid for every module of this package:

- Space: right-handed, Y up, Z forward (a character at rest faces +Z, its left is +X).
- Units: metres, seconds, radians.
- Quaternions: ``(w, x, y, z)``, Hamilton, unit, shape ``(..., 4)``; leading axes are ``...``.
- ``rotations: (T, J, 4)`` are in parent space; ``root_positions: (T, 3)`` are in world space.
- Identity rotations everywhere are the canonical rest pose: a T-pose whose joint frames are
  aligned with the world.
- The ground is the plane ``y = 0`` unless a path says otherwise.
- Errors in a user's data are ``ValueError`` with what was expected and what came.
"""
