# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a user reads can be told in another language, and German is complete."""

import ast
import glob
import os
import re
import string

import bpy
import pytest
from support import rigs, visible_strings

MODULES = (
    "generate.take tab.settings mapping.operators mapping.preset_operators continuation.operators "
    "walk.operators dance.operators generate.operator takes.operators tab.shipped_presets "
    "crowd.options crowd.operators crowd.panel "
    "tab.option_presets tab.menus tab.scene_end tab.preferences tab.guide tab.pie "
    "mapping.lit_bone mapping.panel rig.panel tab.panel takes.panel"
).split()


ASSEMBLED = """\
The pose 2.5 m away is to be reached in 0.5 s, at 5 m/s from here: that is faster than a body
runs, the feet will glide. Enough are 1.5 s, at 1.7 m/s: key it 30 frames later.

The pose 1.2 m away is to be reached in 0.5 s, at 2.4 m/s from here: nobody does that, both feet
will leave the floor together, or glide. Enough are 1 s: key it 9 frames later.

The pose 1.2 m away is to be reached in 0.9 s, at 1.3 m/s from here: that is too soon, 2 steps
will be hurried. Enough are 1 s, at 1.2 m/s: key it 3 frames later.

A turn by 170° in 0.3 s, at 570° a second: nobody does that. Enough are 0.8 s: key it 15 frames
later.

Hips that go up or down by 0.6 m in 0.2 s, at 3 m/s: nobody does that. Enough are 0.5 s: key it 9
frames later.

The pose stands 1.2 m higher than the one before: people step 0.45 m up or down at most. Key a
pose on the way.

The pose stands 0.4 m lower than the one before, in 0.2 s: nobody steps so fast. Key it 12 frames
later.

going backward it is slowed down to 1.2 m/s

turning on its way it is too fast above 0.8 m/s: give it 4.2 s

bends slow it down to 0.6 m/s, most at 3 m along the curve; the way takes 15 % longer than the
speed means

the ground is not under 2 m of the path: it is walked at the curve's height there

speeds along the curve are kept between 0.3 and 4 m/s

Expected a pose to go over from with both feet lower than the hips, got one with a foot 0.3 m over
them: a walk does not know how to get up. Pose the character on its feet, or untick From Current
Pose.

'Dog' is no humanoid: it stands on more than two legs. Only figures on two legs with two arms can
walk

Expected a humanoid armature, found no two legs and two arms in 'Box' (the bones have no plane of
symmetry). If it is one, choose its bones by hand in QuaterNet > Bone Mapping
"""


@pytest.fixture
def translating(module):
    return module("blender.interface.translating")


@pytest.fixture
def german(translating):
    return translating.catalogues()["de"]


def visible(module):
    """``{(context, English): where}`` of everything."""
    found = visible_strings.of_classes([module(f"blender.{name}") for name in MODULES])
    for text, where in visible_strings.of_source().items():
        found.setdefault(("*", text), where)
    # Blender writes over our menu's label: the preset that was used last, its own word if none.
    label = bpy.types.QUATERNET_MT_presets.bl_label
    if label != "Motion Presets":
        found.pop(("*", label), None)
    return found


def test_what_a_user_reads_is_found(module):
    found = visible(module)
    assert len(found) > 400
    for known in (
        ("Operator", "Walk Along Curve"),
        ("*", "Choose the curve to walk along"),
        ("*", "{} cancelled, nothing was changed"),
        ("*", "Hold planted feet where they touched down"),
        ("*", "Every n-th Frame"),
        ("*", "Expected stops of 0 to {} s, got {} s."),
    ):
        assert known in found


def test_no_label_is_a_word_of_the_workshop(module):
    words = "Exact Windows|Share Twist|This Frame Stands|Speed from Radius|Inertiali|Retarget"
    told = [text for _, text in visible(module) if any(word in text for word in words.split("|"))]
    assert not told


def test_german_has_all_of_it(module, german):
    found = visible(module)
    missing = {key: where for key, where in found.items() if key not in german}
    assert not missing


def test_everything_that_is_shown_has_a_tooltip(module):
    """Operators, menus, panels, and every property that is drawn."""
    bare = []
    for name in MODULES:
        for cls in getattr(module(f"blender.{name}"), "CLASSES", ()):
            if not (cls.__doc__ or getattr(cls, "bl_description", "")):
                bare.append(cls.__name__)
            if issubclass(cls, bpy.types.Operator):
                group, _, verb = cls.bl_idname.partition(".")
                rna = getattr(getattr(bpy.ops, group), verb).get_rna_type()
                bare += [] if rna.description else [cls.bl_idname]
            else:
                rna = cls.bl_rna
            for prop in map(rna.properties.get, getattr(cls, "__annotations__", {})):
                hidden = prop is None or prop.is_hidden or prop.type in {"COLLECTION", "POINTER"}
                if not hidden and not prop.description and not _is_state(prop):
                    bare.append(f"{cls.__name__}.{prop.identifier}")
    assert not bare


def _is_state(prop):
    """Folds and what only the file remembers are not hovered over."""
    return prop.identifier.startswith("show_") or prop.identifier in {"mode", "preset"}


def fields(text):
    return [(name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name is not None]


def test_translations_have_the_values_of_the_original(german):
    for (_, english), translation in german.items():
        assert translation.strip() == translation and translation, english
        assert len(fields(english)) == len(fields(translation)), english
        if any(spec for _, spec in fields(english)):
            assert fields(english) == fields(translation), english


def test_every_filled_template_is_told_with_its_values(translating, german, monkeypatch):
    look_up = {english: translation for (_, english), translation in german.items()}.get
    for (_, english), translation in german.items():
        names = [f"'Value {index}'" for index in range(len(fields(english)))]
        if not names or any(spec for _, spec in fields(english)):
            continue
        told = translating._translated(english.format(*names), look_up)
        assert told == translation.format(*names), english


def test_messages_of_several_parts_and_within_each_other_are_told(translating, german):
    look_up = {english: translation for (_, english), translation in german.items()}.get

    def told(text):
        return translating._translated(text, look_up)

    message = "'Walk A': frames 1 to 80 along 'Path'; 2 more in Takes; 'Old' is kept"
    expected = "'Walk A': Frames 1 bis 80 entlang 'Path'; 2 mehr unter Takes; 'Old' bleibt erhalten"
    assert told(message) == expected
    assert told("Live: " + message) == "Live: " + expected
    assert told("Expected a curve to walk along, got none: choose one in Curve.") == (
        "Erwartet: eine Kurve, an der entlang gegangen wird, keine gewählt. Wählen Sie bei Kurve."
    )
    message = "LeftLeg is mapped to 'x', which this armature does not have."
    message = told(message + " Choose another bone or detect again.")
    assert message.startswith("LeftLeg ist 'x' zugeordnet") and message.endswith("erkennen.")
    message = (
        "Constraints or drivers move 'a', 'b' and others: a driver on 'a' wins over keys, so they "
        "would have no effect."
    )
    message += " Map the bones that you animate by hand instead, or mute it."
    assert told(message).startswith("Constraints oder Treiber bewegen 'a', 'b' und andere:")
    assert told("something that nobody knows: 3") == "something that nobody knows: 3"
    assert told("'Walk': frames 1 to 2").startswith("'Walk'")  # names of data stay


def test_a_message_within_a_message_may_have_the_others_punctuation(translating, german):
    """Of "All joints mapped, 8 more, 99% sure" the first comma belongs to the first value."""
    look_up = {english: translation for (_, english), translation in german.items()}.get
    summaries = ("All needed joints mapped, {} more", "{} of {} needed joints mapped")
    for summary in summaries:
        numbers = ["8", "13"][: len(fields(summary))]
        told = look_up(summary).format(*numbers)
        english = summary.format(*numbers) + ", 99% sure"
        assert translating._translated(english, look_up) == f"{told}, 99% sicher"
        assert translating._translated(english + "; preset X", look_up) == (
            f"{told}, 99% sicher; Vorlage X"
        )


@pytest.mark.parametrize("message", [" ".join(m.split()) for m in ASSEMBLED.split("\n\n")])
def test_what_core_puts_together_is_told_without_a_word_of_english(translating, german, message):
    look_up = {english: translation for (_, english), translation in german.items()}.get
    told = translating._translated(message, look_up)
    english = set("the is to at of it and with that nobody from by up one will be on a".split())
    assert not english & set(re.findall(r"\w+", told)), told


def test_a_broken_translation_falls_back_to_english(translating):
    def look_up(text):
        return text + " {} {} {}"

    text = "Preset 'a' saved"
    assert translating._translated(text, look_up) == text


def test_reports_and_labels_go_through_the_translation():
    """A message is handed to `reported`, `sentence` or `shown` where it is told."""
    wrong = []
    paths = glob.glob(os.path.join(visible_strings.ROOT, "blender", "**", "*.py"), recursive=True)
    assert len(paths) > 40
    for path in filter(visible_strings.is_shown, paths):
        name = visible_strings.inside(path)
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read())
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            called = getattr(call.func, "attr", "")
            texts = [k.value for k in call.keywords if k.arg == "text"]
            if called == "report":
                texts = call.args[1:2]
                if not _told(texts[0]):
                    wrong.append(f"{name}:{call.lineno}")
            elif called == "poll_message_set" and not _told(call.args[0]):
                wrong.append(f"{name}:{call.lineno}")
            elif called == "operator":  # Blender would look in the context of operators
                wrong += [f"{name}:{call.lineno}" for t in texts if _is_literal(t)]
            elif called in {"label", "menu", "prop"}:
                wrong += [f"{name}:{call.lineno}" for t in texts if isinstance(t, ast.JoinedStr)]
    assert not wrong


def _is_literal(node):
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and node.value)


def _told(node):
    names = {"reported", "sentence", "shown"}
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in names


def test_it_can_be_registered_again_whatever_an_earlier_failure_left(package, translating):
    translating.bpy.app.translations.unregister(package)
    translating.attach()  # once more is no error
    translating.attach()
    bpy.ops.preferences.addon_disable(module=package)
    bpy.ops.preferences.addon_enable(module=package)


def test_blender_has_no_other_word_for_what_the_tab_shows(module, german, package):
    """Blender's own catalogue would win: "Speed" is "Geschwindigkeit", which no button holds."""
    if not bpy.app.build_options.international:
        pytest.skip("a bpy wheel has no translations: needs a Blender binary")
    known = visible(module)
    bpy.ops.preferences.addon_disable(module=package)
    view = bpy.context.preferences.view
    view.language, view.use_translate_interface = "de_DE", True
    try:
        other = {
            english
            for (context, english), mine in german.items()
            if bpy.app.translations.pgettext_iface(english, context) not in {english, mine}
        }
    finally:
        view.language = "en_US"
        bpy.ops.preferences.addon_enable(module=package)
    # Hidden, or told as good by Blender.
    unseen = {"Frame", "Hide", "Keys", "Previous", "Slot", "Walk"}
    assert not {english for _, english in known} & other - unseen


@pytest.fixture
def in_german():
    if not bpy.app.build_options.international:
        pytest.skip("a bpy wheel has no translations: needs a Blender binary")
    view = bpy.context.preferences.view
    view.language = "de_DE"
    view.use_translate_interface = view.use_translate_tooltips = True
    yield
    view.language = "en_US"


class TestInGerman:
    """Blender itself set to German: the catalogue is found, in panels, tooltips and reports."""

    pytestmark = pytest.mark.usefixtures("in_german")

    def test_names_and_tooltips(self):
        tip, name = bpy.app.translations.pgettext_tip, bpy.app.translations.pgettext_iface
        rna = bpy.ops.quaternet.generate_dance.get_rna_type()
        assert tip(rna.description).startswith("Tanzen, wo die Figur steht")
        assert name("Walk Along Curve", "Operator") == "Entlang Kurve gehen"

    def test_disabling_takes_the_catalogue_away(self, package):
        tip = bpy.app.translations.pgettext_tip
        bpy.ops.preferences.addon_disable(module=package)
        assert tip("No footprint was moved") == "No footprint was moved"
        bpy.ops.preferences.addon_enable(module=package)
        assert tip("No footprint was moved") == "Kein Fußabdruck wurde versetzt"

    def test_reports_and_errors(self, translating):
        rigs.make("mixamo")
        with pytest.raises(RuntimeError, match="Erwartet: eine Kurve, an der entlang gegangen"):
            bpy.ops.quaternet.generate_locomotion()
        assert translating.reported("No footprint was moved") == "Kein Fußabdruck wurde versetzt"
        assert translating.sentence("locked axes of 'a' do not travel").startswith("Gesperrte")

    def test_panels(self, module):
        from support.fake_layout import FakeLayout, draw_panel

        rigs.make("mixamo")
        bpy.context.scene.quaternet.curve = rigs.s_curve()
        layout = FakeLayout()
        bpy.ops.quaternet.detect_mapping()
        rigs.activate(bpy.data.objects["Mixamo"])
        for panel in (
            *module("blender.tab.panel").CLASSES,
            *module("blender.mapping.panel").CLASSES,
        ):
            if issubclass(panel, bpy.types.Panel):
                draw_panel(panel, layout)
        told = " ".join(layout.texts)
        assert "Alle nötigen Gelenke zugeordnet" in told and "Fertig in" in told and "Etwa" in told
        assert "Ready" not in told and "About" not in told

    def test_another_language_stays_english(self, translating):
        bpy.context.preferences.view.language = "fr_FR"
        assert translating.reported("No footprint was moved") == "No footprint was moved"
        assert translating.shown("3 of 13 needed joints mapped") == "3 of 13 needed joints mapped"
