# SPDX-License-Identifier: GPL-3.0-or-later
"""How people go, measured: the same figures of recordings and of walks made by the model; pure.

In the order in which data passes: `body` (places and angles of a motion), `strides`, `rows` (22
figures a stride), `norms` (what recordings have, and the bars), `standing`, `transitions`
(starts, stops, turns on the spot), `bends`, `variety`, `frechet`, `takes` (recorded and made
motions), `report`.
"""
