# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recordings of ../shared/data the dance model learns from."""

# Salsa: the same takes of both partners. 60 leads, 61 follows.
_SALSA = """
01 02 03_a 03_b 04_a 04_b 04_c 05 06_a 06_b 09_a 09_b 10_a 10_b 11_a 11_b 12_a 12_b 13_a 13_b 14
15_a 15_b
""".split()
_INDIAN = "04 06 07 08_a 08_b 13 14 15".split()
_BALLET = [f"{trial:02d}" for trial in range(2, 21)]
# Left out: 85_04, 85_12 and 85_14, breaking on the floor. A body that lies or stands on its hands
# has no heading, and its hands are planted, not its feet.
STYLES = {
    "salsa, leading": tuple(f"cmu/dance/60_{take}.bvh" for take in _SALSA),
    "salsa, following": tuple(f"cmu/dance/61_{take}.bvh" for take in _SALSA),
    "Indian": tuple(f"cmu/dance/94_{take}.bvh" for take in _INDIAN),
    "ballet": tuple(f"cmu/dance/05_{take}.bvh" for take in _BALLET),
    "whirl": ("cmu/dance/55_01.bvh",),
    "uprock": ("cmu/dance/85_03.bvh",),
}
