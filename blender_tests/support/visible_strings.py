# SPDX-License-Identifier: GPL-3.0-or-later
"""Every string of the add-on that a user may read: from its source, and from its classes.

python blender_tests/support/visible_strings.py     prints those of the source, templates with "{}"
"""

import ast
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "quaternet_addon")
# What is told in a terminal, or only to whoever programs with the add-on's modules.
_ELSEWHERE = {
    "batch.py", "core/batch/", "blender/batch/", "blender/files/", "core/files/", "core/published/",
    "core/networks/", "core/maths/quaternion.py", "core/maths/backend.py", "core/body/seam.py",
    "core/body/skeleton.py", "core/body/motion.py", "core/keys/", "core/rig/rig_motion.py",
    "core/rig/linkage.py", "core/walk/storyboard.py", "core/walk/crowd.py", "core/walk/model.py",
    "core/dance/model.py", "core/continuation/network.py", "blender/registration.py",
    "blender/tab/problem_report.py",
}  # fmt: skip
_SHOWN = {
    "label",
    "wrapped",
    "told",
    "poll_message_set",
    "iface_",
    "rpt_",
    "shown",
    "reported",
    "sentence",
    "fold",
}
_WITH_TEXT = {"operator", "menu", "prop", "prop_enum", "prop_search", "label"}
_DEEP = {  # core whose sentences are put together before they are raised or warned of
    "core/mapping/checks.py", "core/mapping/by_name.py", "core/mapping/by_shape.py",
    "core/continuation/continuation.py", "core/dance/from_motion.py", "core/reach/haste.py",
    "core/walk/aside.py", "core/walk/from_pose.py", "core/walk/hard_ground.py",
    "core/walk/reached.py", "core/walk/request.py",
}  # fmt: skip
_TOLD = {"REMEDY", "_REMEDY", "remedy", "doing", "noun"}  # told later, whole or within a template
# Single words that come as values of templates, or as keys: nothing tells them from identifiers.
_WORDS = "Trunk Left Right left right higher lower walk dance continuation armature Keys".split()
# No text: names of data that Blender shows, and identifiers with spaces.
_DATA = {
    "QuaterNet sampling", "QuaterNet draft", "QuaterNet curve", "Object Transforms", "My Rig",
    "sudo apt install python3-numpy", "Id of the preset", "continuation.", "dance.",
    "Left foot", "Right foot", "hip pelvis root cog spine", "hip pelvis",
    "spine chest torso thorax back",
}  # fmt: skip
_SENTENCE = re.compile(r"[A-Za-z]{2,}[,:;]? [A-Za-z'{]|\{\} [a-z]{3,}$")
_NO_TEXT = re.compile(r"^[\W\d_]*$")


def canonical(text):
    """A string without what joins it to others, as the catalogues have it."""
    return text.lstrip(" ;,\n").rstrip(" ;\n")


def inside(path):
    """A file's path within the add-on, with slashes."""
    return os.path.relpath(path, ROOT).replace(os.sep, "/")


def is_shown(path):
    """Whether users of the window read what this file says."""
    return not any(inside(path).startswith(place) for place in _ELSEWHERE)


def of_source():
    """``{msgid: file}`` of all that the source says."""
    found = {}
    for folder, _, names in os.walk(ROOT):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith(".py") and is_shown(path):
                with open(path, encoding="utf-8") as file:
                    tree = ast.parse(file.read())
                deep = inside(path).startswith("blender/") or inside(path) in _DEEP
                for text in _of_tree(tree, deep):
                    found.setdefault(canonical(text), name)
    found.update(dict.fromkeys(_WORDS, "single words"))
    return {
        text: name
        for text, name in found.items()
        if text not in _DATA and not text.isupper() and not text.startswith(("show_", "ARMATURE "))
    }


def _of_tree(tree, deep):
    skipped = _docstrings(tree) | _property_texts(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            for argument in node.exc.args[:1]:
                yield from _texts(argument, skipped)
        elif isinstance(node, ast.Call):
            yield from _of_call(node, skipped)
        elif deep:
            yield from (t for t in _texts(node, skipped, deep=False) if _SENTENCE.search(t))
        if isinstance(node, ast.Assign) and _names(node) & _TOLD:
            for child in ast.walk(node.value):
                yield from _texts(child, skipped, deep=False)
        if isinstance(node, ast.AugAssign) and _is_warning(node.target):
            yield from _texts(node.value, skipped)


def _names(assignment):
    """What an assignment gives values to, the elements of a tuple too."""
    targets = [e for t in assignment.targets for e in getattr(t, "elts", [t])]
    return {getattr(target, "id", "") for target in targets}


def _is_warning(node):
    return "warnings" in (getattr(node, "attr", ""), getattr(node, "id", ""))


def _of_call(node, skipped):
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name == "report":
        yield from _texts(node.args[1], skipped)
    elif name in {"append", "warn"} and _is_warning(getattr(node.func, "value", None)):
        yield from _texts(node.args[0], skipped)
    elif name in _SHOWN:
        for argument in node.args:
            yield from _texts(argument, skipped)
    for keyword in node.keywords:
        if keyword.arg == "text" and name in _WITH_TEXT:
            yield from _texts(keyword.value, skipped)


def _texts(node, skipped, deep=True):
    """Literals below a node: constants, templates of f-strings, and words inside those."""
    if id(node) in skipped:
        return
    if isinstance(node, ast.JoinedStr):
        yield from _of_template(node)
    elif _is_text(node):
        if not _NO_TEXT.match(node.value):
            yield node.value
    elif deep and isinstance(node, (ast.IfExp, ast.BoolOp, ast.BinOp, ast.List, ast.Tuple)):
        for child in ast.iter_child_nodes(node):
            yield from _texts(child, skipped)
    elif deep and isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "format":
        yield from _texts(node.func.value, skipped)


def _of_template(node):
    yield template(node)
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            inside = (inner.value for inner in ast.walk(part.value) if _is_text(inner))
            yield from (text for text in inside if " " in text.strip())


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def template(joined):
    """An f-string with "{}" for every value."""
    parts = [p.value if isinstance(p, ast.Constant) else "{}" for p in joined.values]
    return "".join(parts)


def _docstrings(tree):
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and _is_text(node.value):
            found.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            for part in ast.walk(node):
                found.add(id(part))
            found.discard(id(node))
    return found


def _property_texts(tree):
    """Names and descriptions of properties and classes: those come from Blender itself."""
    found = set()
    for node in ast.walk(tree):
        called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if called == "_operator":  # of without_numpy: named as the operators whose place they take
            found.update(id(child) for child in ast.walk(node))
        if called.endswith("Property"):
            for keyword in node.keywords:
                if keyword.arg in {"name", "description", "items"}:
                    found.update(id(child) for child in ast.walk(keyword.value))
        if isinstance(node, ast.Assign) and any(
            getattr(t, "id", "") in {"bl_description", "bl_label", "preset_defines", "MODES"}
            for t in node.targets
        ):
            found.update(id(child) for child in ast.walk(node.value))
    return found


def of_classes(modules):
    """``{(context, msgid): where}`` of what registered classes and their properties show."""
    found = {}

    def see(context, text, where):
        if text and not _NO_TEXT.match(text):
            found.setdefault((context, text), where)

    import bpy

    for module in modules:
        for cls in getattr(module, "CLASSES", ()):
            operator = issubclass(cls, bpy.types.Operator)
            see("Operator" if operator else "*", getattr(cls, "bl_label", ""), cls.__name__)
            if operator:
                group, _, verb = cls.bl_idname.partition(".")
                rna = getattr(getattr(bpy.ops, group), verb).get_rna_type()
                see("*", rna.description, cls.__name__)
            else:
                rna = cls.bl_rna
            for name in getattr(cls, "__annotations__", {}):
                _see_property(see, rna.properties.get(name), f"{cls.__name__}.{name}")
    return found


def _see_property(see, prop, where):
    if prop is None or prop.is_hidden or prop.type == "COLLECTION":
        return
    if prop.type == "POINTER" and prop.name == prop.identifier:  # a group of options: never shown
        return
    context = prop.translation_context or "*"
    see(context, prop.name, where)
    see("*", prop.description, where)
    if prop.type == "ENUM":
        for item in prop.enum_items_static if hasattr(prop, "enum_items_static") else ():
            see(context, item.name, where)
            see("*", item.description, where)


if __name__ == "__main__":
    for text, name in sorted(of_source().items(), key=lambda pair: pair[::-1]):
        sys.stdout.write(f"{name}\t{text!r}\n")
