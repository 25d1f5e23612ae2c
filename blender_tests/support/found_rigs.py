# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of rigs that other people's files have and no convention does; pure, needs NumPy only.

Each is made of the Mixamo-like rig of `convention_rigs` by one change: names of another language,
feet under the root, wings, weapons, volumes, ends of chains, toes under a strange name.
"""

from dataclasses import replace

import numpy as np

from . import convention_rigs

# language -> left, right and the names of `_PARTS`; * is the side
LANGUAGES = {
    "French": ("gauche droite bassin colonne torse cou tête épaule_* bras_* avant-bras_* main_* "
               "cuisse_* jambe_* pied_* orteils_*"),
    "German": ("links rechts Becken Wirbelsäule Brust Hals Kopf Schulter_* Oberarm_* Unterarm_* "
               "Hand_* Oberschenkel_* Unterschenkel_* Fuß_* Zehen_*"),
    "Spanish": ("izquierda derecha pelvis columna pecho cuello cabeza hombro.* brazo.* "
                "antebrazo.* mano.* muslo.* espinilla.* pie.* puntera.*"),
    "Italian": ("sx dx bacino schiena petto collo testa spalla.* braccio.* avambraccio.* mano.* "
                "coscia.* polpaccio.* piede.* alluce.*"),
    "Portuguese": ("Esq Dir quadril coluna peito pescoço cabeça ombro_* braço_* antebraço_* mão_* "
                   "coxa_* canela_* pé_* biqueira_*"),
    "Russian": ("левая правая таз позвоночник грудь шея голова ключица_* плечо_* предплечье_* "
                "кисть_* бедро_* голень_* стопа_* носок_*"),
    "Chinese": "左 右 骨盆 脊椎 胸 脖子 头 *肩膀 *上臂 *前臂 *手掌 *大腿 *小腿 *脚 *脚趾",
    "Japanese": "左 右 骨盤 背骨 胸 首 頭 *肩 *上腕 *前腕 *手首 *太もも *すね *足首 *つま先",
}  # fmt: skip
_PARTS = "Hips LowerBack Spine Neck Head Shoulder Arm ForeArm Hand UpLeg Leg Foot ToeBase".split()


def spoken(language, **options):
    """A person without fingers whose bones are named in a language."""
    return named(LANGUAGES[language], **options)


def named(spelled, **options):
    """A person without fingers; spelled: left, right and the names of `_PARTS`, * is the side."""
    left, right, *names = spelled.split()
    words = dict(zip(_PARTS, names, strict=True))
    rig = mapped_only(convention_rigs.build("mixamo", **options))
    new = {}
    for joint, bone in rig.truth.items():
        part = joint.removeprefix("Left").removeprefix("Right")
        new[bone] = words[part].replace("*", left if joint.startswith("Left") else right)
    return convention_rigs.renamed(rig, new.__getitem__)


def mapped_only(rig):
    """Without fingers, eyes and ends."""
    keep = [b for b in rig.truth.values() if "Index" not in b]
    return without(rig, [bone for bone in rig.names if bone not in keep])


def without(rig, bones):
    """Without these bones; what hangs on them hangs on what they hang on."""
    kept = [index for index, name in enumerate(rig.names) if name not in set(bones)]

    def above(index):
        parent = rig.parents[index]
        while parent >= 0 and parent not in kept:
            parent = rig.parents[parent]
        return -1 if parent < 0 else kept.index(parent)

    return replace(
        rig,
        names=tuple(rig.names[index] for index in kept),
        parents=tuple(above(index) for index in kept),
        heads=rig.heads[kept],
        tails=rig.tails[kept],
        rotations=rig.rotations[kept],
        truth={j: b for j, b in rig.truth.items() if b in {rig.names[i] for i in kept}},
    )


def with_bones(rig, rows):
    """With more bones: (name, parent or "", head ``(3,)`` in centimetres, tail)."""
    for name, parent, head, tail in rows:
        index = rig.names.index(parent) if parent else -1
        rig = replace(
            rig,
            names=(*rig.names, name),
            parents=(*rig.parents, index),
            heads=np.vstack([rig.heads, head]),
            tails=np.vstack([rig.tails, tail]),
            rotations=np.vstack([rig.rotations, [[1.0, 0.0, 0.0, 0.0]]]),
        )
    return rig


def feet_under_the_root(ends=False):
    """Feet hang on a root bone, as in games' rigs with IK; ends: the shins have ends of chains."""
    rig = mapped_only(convention_rigs.build("mixamo"))
    rig = convention_rigs.renamed(rig, lambda b: "DX_" + b.partition(":")[2])
    names, parents = ("Root", *rig.names), (-1, *(parent + 1 for parent in rig.parents))
    at_origin = np.zeros((1, 3))
    heads, tails = np.vstack([at_origin, rig.heads]), np.vstack([at_origin + 5.0, rig.tails])
    rotations = np.vstack([[[1.0, 0.0, 0.0, 0.0]], rig.rotations])
    under = [
        0 if name.endswith("Foot") else max(parent, 0) if index else -1
        for index, (name, parent) in enumerate(zip(names, parents, strict=True))
    ]
    rig = replace(rig, names=names, parents=tuple(under), heads=heads, tails=tails)
    rig = replace(rig, rotations=rotations)
    if ends:
        for side in ("Left", "Right"):
            ankle = heads[names.index(f"DX_{side}Foot")]
            row = (f"DX_{side}Leg_end", f"DX_{side}Leg", ankle, ankle - [0.0, 10.0, 0.0])
            rig = with_bones(rig, [row])
    return rig


def winged():
    """A person with wings, a tail and hind limbs besides."""
    rig, rows = (
        mapped_only(convention_rigs.build("mixamo")),
        [
            ("Tail1", "mixamorig:Hips", (0, 95, -12), (0, 80, -30)),
            ("Tail2", "Tail1", (0, 80, -30), (0, 60, -50)),
        ],
    )
    for side, sign in (("Left", 1), ("Right", -1)):
        wing = [(15 * sign, 140, -10), (60 * sign, 160, -20), (110 * sign, 150, -30)]
        hind = [(10 * sign, 90, -15), (12 * sign, 55, -35), (12 * sign, 12, -45)]
        for word, top, places in (("Wing", "Spine2", wing), ("HindLimb", "Hips", hind)):
            parent = f"mixamorig:{top}"
            for number, place in enumerate(places, 1):
                name = f"m{word}{number}{side}"
                rows.append((name, parent, place, np.array(place) + [0, 0, -8]))
                parent = name
    return convention_rigs.renamed(with_bones(rig, rows), lambda bone: bone.rpartition(":")[2])


def armed():
    """A person with long weapons in both hands, in a language."""
    rig = spoken("French")
    rows = []
    for side, sign in (("gauche", 1), ("droite", -1)):
        rows.append((f"arme_{side}", f"main_{side}", (80 * sign, 143, 0), (80 * sign, 143, 60)))
        rows.append(
            (f"arme_{side}_end", f"arme_{side}", (80 * sign, 143, 70), (80 * sign, 143, 99))
        )
    return with_bones(rig, rows)


def strange_toes():
    """Toes under names that say nothing, as a preset's other bones are found."""
    rig = mapped_only(convention_rigs.build("mixamo"))
    return convention_rigs.renamed(
        rig, lambda b: "Nina" + b.partition(":")[2].replace("ToeBase", "Toe1")
    )


def sides_exchanged():
    """Left is called right: feet and knees then point backwards."""
    swap = {"Left": "Right", "Right": "Left"}

    def other(bone):
        word = next((w for w in swap if w in bone), "")
        return bone.replace(word, swap[word]) if word else bone

    return convention_rigs.renamed(mapped_only(convention_rigs.build("mixamo", knees=10)), other)


KINDS = {
    "feet under the root": feet_under_the_root,
    "feet under the root, ends": lambda: feet_under_the_root(ends=True),
    "winged": winged,
    "armed": armed,
    "strange toes": strange_toes,
}
