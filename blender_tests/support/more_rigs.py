# SPDX-License-Identifier: GPL-3.0-or-later
"""More rigs of the kinds of `found_rigs`: dialects, props, wings, skirts, odd rests; pure.

Nobody tuned detection on them: what it does with them is what `tables/confidence.py` counts.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from . import convention_rigs, found_rigs

# as `found_rigs.LANGUAGES`: words that other riggers of a language use
DIALECTS = {
    "French, words run together": (
        "G D Hanches Dos Poitrine Cou Tete Clavicule* "
        "Bras* AvantBras* Main* Cuisse* Tibia* Pied* Orteils*"
    ),
    "French, up and down": (
        "_g _d bassin abdomen thorax nuque crane epaule* "
        "bras_sup* bras_inf* poignet* jambe_sup* jambe_inf* cheville* pointe_pied*"
    ),
    "French, high and low": (
        ".G .D Bassin Colonne1 Colonne2 Cou Tête Epaule* "
        "BrasHaut* BrasBas* Main* JambeHaut* JambeBas* Pied* BoutPied*"
    ),
    "German, up and down": (
        "_L _R Huefte Ruecken Brust Hals Kopf Schulter* "
        "Arm_oben* Arm_unten* Hand* Bein_oben* Bein_unten* Fuss* Zehen*"
    ),
    "German, shortened": (
        "Links Rechts Hüfte Bauch Brustkorb Nacken Kopf Schlüsselbein* "
        "OArm* UArm* Hand* OSchenkel* USchenkel* Fuß* Zeh*"
    ),
    "German, two letters": (
        "_li _re becken wirbel1 wirbel2 hals kopf schulter* "
        "oberarm* unterarm* hand* oberschenkel* unterschenkel* fuss* fussspitze*"
    ),
    "Spanish, words run together": (
        "_Izq _Der Cadera Columna Pecho Cuello Cabeza Clavicula* "
        "Brazo* AnteBrazo* Mano* Muslo* Pantorrilla* Pie* DedosPie*"
    ),
    "Spanish, one letter": (
        "_I _D pelvis abdomen torax cuello cabeza hombro* "
        "brazo_sup* brazo_inf* mano* pierna_sup* pierna_inf* pie* punta_pie*"
    ),
    "Spanish, above and below": (
        "Izquierdo Derecho Cadera Espalda Torso Cuello Cabeza Hombro* "
        "BrazoSuperior* BrazoInferior* Mano* PiernaSuperior* PiernaInferior* Pie* Dedos*"
    ),
    "Italian, words run together": (
        "Sx Dx Bacino Colonna Torace Collo Testa Clavicola* "
        "Braccio* Avambraccio* Mano* Coscia* Gamba* Piede* DitaPiede*"
    ),
    "Italian, one letter": (
        "_S _D anche schiena petto collo testa spalla* "
        "braccio_sup* braccio_inf* polso* gamba_sup* gamba_inf* caviglia* punta*"
    ),
    "Portuguese, one letter": (
        ".E .D Quadril Coluna Peito Pescoco Cabeca Ombro* "
        "Braco* Antebraco* Mao* Coxa* Perna* Pe* DedosPe*"
    ),
    "Portuguese, up and down": (
        "_esq _dir bacia abdomen torax pescoço cabeça clavícula* "
        "braço_sup* braço_inf* mão* perna_sup* perna_inf* pé* ponta_pé*"
    ),
    "Russian, one letter": (
        "_Л _П Таз Поясница Грудь Шея Голова Ключица* "
        "Плечо* Предплечье* Кисть* Бедро* Голень* Стопа* Пальцы*"
    ),
    "Russian, top and bottom": (
        ".L .R таз живот грудь шея голова ключица* "
        "рука_верх* рука_низ* кисть* нога_верх* нога_низ* стопа* носок*"
    ),
    "Russian, joints": (
        "_лев _прав таз позвоночник грудь шея голова плечо* "
        "рука* локоть* запястье* бедро* колено* лодыжка* носок*"
    ),
    "Chinese, big and small": (
        "左 右 臀部 腰部 胸部 颈部 头部 *肩 "
        "*大臂 *小臂 *手 *大腿 *小腿 *脚 *脚尖"
    ),
    "Chinese, joints": (
        "左 右 髋 脊椎1 脊椎2 颈 头 *锁骨 "
        "*上臂 *下臂 *手腕 *腿 *膝 *脚踝 *脚趾"
    ),
    "Chinese, English sides": (
        "_L _R 骨盆 腹部 胸 脖子 头 肩膀* "
        "上臂* 前臂* 手掌* 大腿* 小腿* 脚掌* 脚趾*"
    ),
    "Chinese, traditional": (
        "左 右 臀 脊椎 胸 頸部 頭部 *鎖骨 "
        "*上臂 *前臂 *手掌 *大腿 *小腿 *腳 *腳趾"
    ),
    "Japanese, English sides": (
        ".L .R 腰 背骨 胸 首 頭 鎖骨* "
        "上腕* 前腕* 手* 太腿* 脛* 足* つま先*"
    ),
    "Japanese, MMD": (
        "左 右 下半身 上半身 上半身2 首 頭 *肩 "
        "*腕 *ひじ *手首 *足 *ひざ *足首 *つま先"
    ),
    "Japanese, katakana": (
        "_L _R ヒップ スパイン チェスト ネック ヘッド ショルダー* "
        "アーム* ロウアーアーム* ハンド* アッパーレッグ* ロウアーレッグ* フット* トゥ*"
    ),
    "Japanese, hiragana": (
        "ひだり みぎ こし せなか むね くび あたま *かた "
        "*うで *まえうで *て *もも *すね *あし *つまさき"
    ),
    "Polish": (
        "_L _P miednica kregoslup klatka szyja glowa obojczyk* "
        "ramie* przedramie* dlon* udo* lydka* stopa* palce*"
    ),
    "Dutch": (
        "_L _R bekken ruggengraat borst nek hoofd schouder* "
        "bovenarm* onderarm* hand* dijbeen* scheenbeen* voet* tenen*"
    ),
    "Korean": (
        "왼쪽 오른쪽 골반 척추 가슴 목 머리 *어깨 "
        "*위팔 *아래팔 *손 *허벅지 *종아리 *발 *발가락"
    ),
    "Turkish": (
        "_sol _sag kalca omurga gogus boyun kafa omuz* "
        "ustkol* onkol* el* ust_bacak* alt_bacak* ayak* parmak*"
    ),
}  # fmt: skip


def spoken(dialect, **options):
    """A person whose bones are named in a dialect."""
    return found_rigs.named(DIALECTS[dialect], **options)


def _plain(**options):
    """A person without fingers, bones called Hips, LeftArm, ..."""
    rig = found_rigs.mapped_only(convention_rigs.build("mixamo", **options))
    return convention_rigs.renamed(rig, lambda bone: bone.rpartition(":")[2])


def _with(rig, rows):
    """More bones: (name, parent, head, tail) in centimetres; * is a side, given for the left."""
    both = []
    for name, parent, *ends in rows:
        if "*" not in name:
            both.append((name, parent, *ends))
            continue
        for side, sign in (("Left", 1), ("Right", -1)):
            sided = [np.array(end) * [sign, 1, 1] for end in ends]
            both.append((name.replace("*", side), parent.replace("*", side), *sided))
    return found_rigs.with_bones(rig, both)


def _chain(name, parent, start, step, count):
    """Rows of a chain of bones."""
    places = [np.array(start) + np.array(step) * index for index in range(count + 1)]
    parents = [parent, *(f"{name}{index}" for index in range(count - 1))]
    ends = pairwise(places)
    return [
        (f"{name}{i}", above, *pair)
        for i, (above, pair) in enumerate(zip(parents, ends, strict=True))
    ]


def _feathered():
    return _with(_plain(), _chain("Feather*", "Spine2", (12, 142, -12), (25, 6, -4), 5))


def _tailed():
    return _with(_feathered(), _chain("Swish", "Hips", (0, 95, -12), (0, -14, -18), 4))


def _skirt_and_hair():
    rows = []
    for index in range(8):
        x, z = np.cos(index * np.pi / 4), np.sin(index * np.pi / 4)
        rows += _chain(f"skirt_{index}_", "Hips", (15 * x, 90, 15 * z), (2 * x, -14, 2 * z), 4)
        rows += _chain(f"hair_{index}_", "Head", (index - 4, 170, -10), (0, -12, 0), 6)
    return _with(_plain(), rows)


def _ik_controls():
    rows = [
        ("IK_Foot_*", "", (9, 8.5, 1), (9, 8.5, -10)),
        ("PoleTarget_*", "", (9, 50, 60), (9, 50, 70)),
        ("IK_Hand_*", "", (69, 143, 1), (75, 143, 1)),
        ("PoleElbow_*", "", (44, 143, -60), (44, 143, -70)),
    ]
    return _with(_plain(), rows)


def _props():
    rows = [
        ("Weapon*", "*Hand", (80, 143, 0), (80, 143, 90)),
        ("Weapon*_tip", "Weapon*", (80, 143, 90), (80, 143, 120)),
        ("ShieldProp*", "*ForeArm", (60, 143, 10), (60, 160, 10)),
        ("Backpack", "Spine2", (0, 130, -20), (0, 150, -20)),
        ("Holster*", "*UpLeg", (15, 75, 0), (15, 60, 0)),
    ]
    return _with(_plain(), rows)


def _ends(words):
    rows = [
        (f"*Toe{words}", "*ToeBase", (9, -20, 19), (9, -40, 30)),
        (f"*Hand{words}", "*Hand", (85, 143, 0), (95, 143, 0)),
        (f"Head{words}", "Head", (0, 178, 0), (0, 190, 0)),
    ]
    return _with(_plain(), rows)


def _tentacles():
    rows = []
    for index in range(6):
        x, y = np.cos(index * np.pi / 5), np.sin(index * np.pi / 5)
        start = (10 * x, 130 + 10 * y, -15)
        rows += _chain(f"tentacle{index}_", "Spine2", start, (12 * x, 12 * y, -5), 6)
    return _with(_plain(), rows)


def _second_arms():
    rows = [
        ("*Arm_B", "Spine2", (15, 115, 0), (40, 115, 0)),
        ("*ForeArm_B", "*Arm_B", (40, 115, 0), (65, 115, 0)),
        ("*Hand_B", "*ForeArm_B", (65, 115, 0), (75, 115, 0)),
    ]
    return _with(_plain(), rows)


def _chibi():
    """Legs of a fifth of the height, a head of two fifths."""

    def small(points):
        x, y, z = points.T
        high = 28.5 + (y - 95) * 0.6 + np.where(y > 150, (y - 150) * 1.5, 0.0)
        return np.stack([0.7 * x, np.where(y < 95, 0.3 * y, high), z], axis=-1)

    rig = _plain()
    return replace(rig, heads=small(rig.heads), tails=small(rig.tails))


def _less(*words):
    rig = _plain()
    bones = [bone for joint, bone in rig.truth.items() if any(word in joint for word in words)]
    return found_rigs.without(rig, bones)


def _called(pattern):
    return convention_rigs.renamed(_plain(), pattern.format)


def _nameless(rig):
    return convention_rigs.anonymous(rig)


KINDS = {
    "feathered wings": _feathered,
    "wings and a tail": _tailed,
    "wings and a tail, nameless": lambda: _nameless(_tailed()),
    "skirt and hair": _skirt_and_hair,
    "skirt and hair, nameless": lambda: _nameless(_skirt_and_hair()),
    "IK controls under no root": _ik_controls,
    "weapons, backpack, holsters": _props,
    "weapons, backpack, holsters, nameless": lambda: _nameless(_props()),
    "ends of chains": lambda: _ends("_end"),
    "nubs": lambda: _ends("Nub"),
    "leaves": lambda: _ends("_leaf"),
    "tentacles": _tentacles,
    "tentacles, nameless": lambda: _nameless(_tentacles()),
    "four arms": _second_arms,
    "four arms, nameless": lambda: _nameless(_second_arms()),
    "chibi": _chibi,
    "chibi, nameless": lambda: _nameless(_chibi()),
    "no toes, no clavicles": lambda: _less("ToeBase", "Shoulder"),
    "one bone for the spine": lambda: _less("LowerBack", "Neck"),
    "a thousandth": lambda: _plain(size=0.001),
    "a thousand times": lambda: _plain(size=1000.0),
    "arms up": lambda: _plain(arms=-70),
    "arms up, nameless": lambda: _nameless(_plain(arms=-70)),
    "arms hanging": lambda: _plain(arms=85),
    "arms hanging, nameless": lambda: _nameless(_plain(arms=85)),
    "elbows and knees bent": lambda: _plain(elbows=90, knees=60, arms=30),
    "elbows and knees bent, nameless": lambda: _nameless(_plain(elbows=90, knees=40, arms=30)),
    "straddled": lambda: _plain(legs=35),
    "X up": lambda: _plain(turn=(0.7071068, 0.0, 0.0, -0.7071068)),
    "facing X": lambda: _plain(turn=(0.5, 0.5, 0.5, 0.5)),
    "seen from behind, nameless": lambda: _nameless(_plain(turn=(0.0, 0.0, 1.0, 0.0))),
    "numbered copies": lambda: _called("{}.001"),
    "quotes and brackets": lambda: _called("he\"ro's [{}]"),
    "emoji": lambda: _called("\U0001f9cd{}\U0001f9cd"),
    "shouted with underscores": lambda: _called("rig__b01__{}"),
}
