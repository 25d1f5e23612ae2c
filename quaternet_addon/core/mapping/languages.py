# SPDX-License-Identifier: GPL-3.0-or-later
"""Words for the parts of the body in other languages than English; pure.

A rig speaks the language of which it has the most words, three at least: French "main" is no
English "main". Words of left and right are so different that a name alone tells them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_FEWEST = 3  # different words of a language that a rig has to have

# language -> English word -> its words there, without accents, lower case
_BOOK = {
    "French": {
        "left": "gauche g", "right": "droite droit d", "pelvis": "bassin", "hip": "hanche hanches",
        "spine": "colonne vertebrale dos echine", "chest": "poitrine torse buste thorax",
        "neck": "cou nuque", "head": "tete crane", "arm": "bras", "fore": "avant",
        "elbow": "coude", "hand": "main", "wrist": "poignet", "shoulder": "epaule",
        "clavicle": "clavicule", "thigh": "cuisse", "leg": "jambe", "knee": "genou",
        "calf": "mollet", "ankle": "cheville", "foot": "pied", "toe": "orteil orteils",
        "finger": "doigt doigts", "thumb": "pouce", "weapon": "arme epee hache bouclier",
        "wing": "aile ailes", "tail": "queue",
    },
    "German": {
        "left": "links linker linkes linke li", "right": "rechts rechter rechtes rechte re",
        "pelvis": "becken", "hip": "hufte huefte", "spine": "wirbelsaule wirbelsaeule rucken "
        "ruecken", "chest": "brust brustkorb", "neck": "hals nacken", "head": "kopf",
        "shoulder": "schulter", "clavicle": "schlusselbein schluesselbein", "upperarm": "oberarm",
        "forearm": "unterarm", "elbow": "ellbogen ellenbogen", "wrist": "handgelenk",
        "thumb": "daumen", "index": "zeigefinger", "thigh": "oberschenkel",
        "shin": "unterschenkel schienbein", "leg": "bein", "knee": "knie", "calf": "wade",
        "foot": "fuss fus", "ankle": "knochel knoechel", "toe": "zeh zehe zehen",
        "weapon": "waffe schwert axt schild", "wing": "flugel fluegel", "tail": "schwanz",
    },
    "Spanish": {
        "left": "izquierda izquierdo izq", "right": "derecha derecho der", "pelvis": "cintura",
        "hip": "cadera caderas", "spine": "columna espalda espina", "chest": "pecho torax torso",
        "neck": "cuello", "head": "cabeza", "shoulder": "hombro", "clavicle": "clavicula",
        "arm": "brazo", "forearm": "antebrazo", "elbow": "codo", "hand": "mano",
        "wrist": "muneca", "finger": "dedo dedos", "thumb": "pulgar", "thigh": "muslo",
        "leg": "pierna", "knee": "rodilla", "calf": "pantorrilla", "shin": "espinilla",
        "foot": "pie", "ankle": "tobillo", "toe": "puntera", "weapon": "arma espada hacha escudo",
        "wing": "ala alas", "tail": "cola",
    },
    "Italian": {
        "left": "sinistra sinistro sx sin", "right": "destra destro dx des", "pelvis": "bacino",
        "hip": "anca fianco", "spine": "colonna schiena spina", "chest": "petto torace busto",
        "neck": "collo", "head": "testa", "shoulder": "spalla", "clavicle": "clavicola",
        "arm": "braccio", "forearm": "avambraccio", "elbow": "gomito", "hand": "mano",
        "wrist": "polso", "finger": "dito dita", "thumb": "pollice", "thigh": "coscia",
        "leg": "gamba", "knee": "ginocchio", "calf": "polpaccio", "shin": "stinco",
        "foot": "piede", "ankle": "caviglia", "toe": "alluce", "weapon": "arma spada ascia scudo",
        "wing": "ala ali", "tail": "coda",
    },
    "Portuguese": {
        "left": "esquerda esquerdo esq", "right": "direita direito dir", "pelvis": "bacia",
        "hip": "quadril quadris", "spine": "coluna costas espinha", "chest": "peito torso tronco",
        "neck": "pescoco", "head": "cabeca", "shoulder": "ombro", "clavicle": "clavicula",
        "arm": "braco", "forearm": "antebraco", "elbow": "cotovelo", "hand": "mao",
        "wrist": "pulso", "finger": "dedo dedos", "thumb": "polegar", "thigh": "coxa",
        "leg": "perna", "knee": "joelho", "calf": "panturrilha", "shin": "canela",
        "foot": "pe", "ankle": "tornozelo", "toe": "biqueira", "weapon": "arma espada escudo",
        "wing": "asa asas", "tail": "cauda rabo",
    },
    "Russian": {
        "left": "левая левыи левое лев л", "right": "правая правыи правое прав п", "pelvis": "таз",
        "spine": "позвоночник спина", "chest": "грудь торс", "neck": "шея", "head": "голова",
        "clavicle": "ключица", "shoulder": "надплечье", "arm": "плечо рука",
        "forearm": "предплечье", "elbow": "локоть", "hand": "кисть ладонь", "wrist": "запястье",
        "finger": "палец пальцы", "thigh": "бедро", "leg": "нога", "shin": "голень",
        "knee": "колено", "foot": "стопа ступня", "ankle": "лодыжка", "toe": "носок",
        "weapon": "оружие меч щит топор", "wing": "крыло", "tail": "хвост",
    },
}  # fmt: skip

# Chinese and Japanese: no spaces between words; longer ones before those that they contain
_SIGNS = {
    "足首": "ankle", "手首": "wrist", "つま先": "toe", "爪先": "toe", "足先": "toe",
    "ひざ": "knee", "ひじ": "elbow", "太もも": "thigh", "ふともも": "thigh", "すね": "shin",
    "上半身": "spine", "下半身": "pelvis", "センター": "root", "親指": "thumb", "人指": "index",
    "人差指": "index", "中指": "middle", "薬指": "ring", "小指": "pinky", "捩": "twist",
    "骨盤": "pelvis", "背骨": "spine", "鎖骨": "clavicle", "上腕": "upper arm",
    "前腕": "fore arm", "股関節": "hip",
    "骨盆": "pelvis", "盆骨": "pelvis", "臀": "hips", "髋": "hip", "脊椎": "spine",
    "脊柱": "spine", "脊": "spine", "胸": "chest", "脖子": "neck", "颈": "neck", "頸": "neck",
    "锁骨": "clavicle", "肩膀": "shoulder", "上臂": "upper arm", "大臂": "upper arm",
    "前臂": "fore arm", "小臂": "fore arm", "下臂": "fore arm", "手臂": "arm", "臂": "arm",
    "手腕": "wrist", "手掌": "hand", "手指": "finger", "拇指": "thumb", "食指": "index",
    "大腿": "thigh", "小腿": "shin", "膝盖": "knee", "膝": "knee", "肘": "elbow",
    "腿": "leg", "脚踝": "ankle", "踝": "ankle", "脚趾": "toe", "脚尖": "toe", "脚掌": "foot",
    "脚": "foot", "武器": "weapon", "剣": "weapon", "剑": "weapon", "刀": "weapon",
    "盾": "weapon", "翼": "wing", "翅膀": "wing", "尾": "tail",
    "左": "left", "右": "right", "肩": "shoulder", "腕": "arm", "足": "upleg", "頭": "head",
    "头": "head", "首": "neck", "腰": "hips", "目": "eye", "髪": "hair", "先": "end", "手": "hand",
    "ひだり": "left", "みぎ": "right",
}  # fmt: skip
# Russian "плечо" is the upper arm; the shoulder where "рука" is the arm and none is named
_LOOSE = {"плечо", "рука"}, {"ключица", "надплечье"}
_TO_ENGLISH = {
    language: {word: english for english, words in book.items() for word in words.split()}
    for language, book in _BOOK.items()
}
_SHORTEST_SIDE = 5  # letters of a side's word that a name alone tells
SIDE_WORDS = {
    word: english.capitalize()
    for book in _TO_ENGLISH.values()
    for word, english in book.items()
    if english in ("left", "right") and len(word) >= _SHORTEST_SIDE
}
_WORD = re.compile(
    r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[\u0410-\u042f]?[\u0430-\u044f]+|[\u0410-\u042f]+|\d+"
)


def words_of(name: str) -> list[str]:
    """Lower-case words without the name space: "mixamorig:LeftUpLeg" -> left, up, leg.

    Chinese and Japanese words come in English; accents go.
    """
    name = re.split(r"[:|]", unicodedata.normalize("NFKC", name))[-1]
    if not name.isascii():
        for sign, english in _SIGNS.items():
            name = name.replace(sign, f" {english} ")
        plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
        name = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word.lower() for word in _WORD.findall(name)]


def book_of(names: Sequence[str]) -> Mapping[str, str]:
    """The words of the language that a rig's names speak, ``{word: English}``; {} if English."""
    words = {word for name in names for word in words_of(name)}
    words |= {part for word in words for part in _halves(word)}

    def known(language):
        found = {_TO_ENGLISH[language][w] for w in words & set(_TO_ENGLISH[language])}
        return len(found)

    best = max(_TO_ENGLISH, key=known)
    book = _TO_ENGLISH[best] if known(best) >= _FEWEST else {}
    if book and words >= _LOOSE[0] and not words & _LOOSE[1]:
        return {**book, "плечо": "shoulder"}
    return book


def _halves(word):
    """A word of two: a side of any language glued to another word."""
    for side in SIDE_WORDS:
        if word != side and word.startswith(side):
            yield word[len(side) :]
        if word != side and word.endswith(side):
            yield word[: -len(side)]


def to_english(words: list[str], book: Mapping[str, str]) -> list[str]:
    """The words of a name in English, sides that are glued to others as words of their own."""
    if not book:
        return words
    out = []
    for word in words:
        half = next((part for part in _halves(word) if part in book), "")
        if half and word not in book:
            side = word.replace(half, "", 1)
            out += [SIDE_WORDS[side].lower(), *book[half].split()]
        else:
            out.append(book.get(word, word))
    return out
