# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of options agree with what job files may say and with what makes the motions."""

import copy
import dataclasses
import inspect
import json

import pytest

from quaternet_addon.core.batch import settings_schema
from quaternet_addon.core.batch.modes.table import MODES
from quaternet_addon.core.batch.schema import check
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.dance import dance
from quaternet_addon.core.keys import options as key_options
from quaternet_addon.core.options import COMMON, Option, known_settings, options_class
from quaternet_addon.core.reach.reach import Reach
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.request import WalkRequest

TABLES = {name: mode.options for name, mode in MODES.items()}
NOT_THE_GENERATORS = {
    *("timing", "use_radius", "use_tilt", "stop_time", "from_pose", "end_in_pose", "pose_frame"),
    *("moved_footprints", "variations"),
}
# A job's duration of a walk is left out by default: then the speed counts.
# A dance's style is a start of the model's; which frames are reached, the keys themselves say.
ASKED_OTHERWISE = {
    ("walk", "duration"),
    ("dance", "style"),
    ("dance", "standing_end"),  # what ends it is handed to it
    ("reach", "frames"),
}


def schema():
    return json.loads(settings_schema.FILE.read_text(encoding="utf-8"))


def test_job_files_may_say_what_the_tables_say():
    found = schema()
    made = settings_schema.written(copy.deepcopy(found))
    assert made == found, "run python -m quaternet_addon.core.batch.settings_schema"


def test_a_changed_limit_is_noticed():
    found = schema()
    found["$defs"]["settings"]["walk"]["properties"]["speed"]["oneOf"][0]["maximum"] = 7
    assert settings_schema.written(copy.deepcopy(found)) != found


def defaults(mode):
    """``{name: default}`` of what makes a mode's motions."""
    made = {"walk": WalkRequest, "continue": Continuation, "reach": Reach, "dance": dance.Dance}[
        mode
    ]
    found = {
        name: parameter.default
        for name, parameter in inspect.signature(made.__init__).parameters.items()
    }
    if mode == "walk":
        found |= {field.name: field.default for field in dataclasses.fields(Itinerary)}
    return found


@pytest.mark.parametrize("mode", TABLES)
def test_defaults_are_those_of_what_makes_the_motion(mode):
    found = defaults(mode)
    for option in TABLES[mode]:
        if option.name not in NOT_THE_GENERATORS and (mode, option.name) not in ASKED_OTHERWISE:
            assert found[option.name] == option.default, option.name


@pytest.mark.parametrize("mode", TABLES)
def test_a_default_and_what_is_usual_lie_within_the_limits(mode):
    for option in (*TABLES[mode], *key_options.OPTIONS):
        if option.choices:
            assert option.default in option.choices
        for value in (option.default, *option.usual):
            if value is not None and not isinstance(value, (bool, str)):
                assert option.lowest is None or value >= option.lowest, option.name
                assert option.most is None or value <= option.most, option.name


def test_the_dance_takes_exactly_the_temperatures_of_the_table():
    (temperature,) = (option for option in TABLES["dance"] if option.name == "temperature")
    assert (temperature.least, temperature.most) == (dance.COLDEST, dance.HOTTEST)


@pytest.mark.parametrize(
    ("value", "sound"), [(0.0, False), (0.1, True), (5.0, True), (5.1, False), ([1.0, 2.0], True)]
)
def test_a_schema_has_the_limits_of_its_option(value, sound):
    option = Option("pace", 1.0, above=0.0, most=5.0, job="Of a toy")
    found = settings_schema.option_schema(option)
    assert (not check(value, found)) is sound
    assert found["description"] == "a number above 0, at most 5, or a list of them. Of a toy."


def test_null_is_any_way_only_where_the_table_says_so():
    plain, open_ended = Option("a", 1.0, job="A"), Option("a", 1.0, any_way=0.0, job="A")
    assert check(None, settings_schema.option_schema(plain))
    assert not check(None, settings_schema.option_schema(open_ended))
    assert not check([None, 2.0], settings_schema.option_schema(open_ended))


def test_a_class_of_options_has_blenders_names_and_the_defaults():
    table = (
        Option("start", 0.5, prop="start_distance"),
        Option("wait", 1.0, in_blender=False),
        *COMMON,
    )
    made = options_class("Toy", (table,), curve=dataclasses.MISSING, face="")
    assert dataclasses.asdict(made("Path", seed=3)) == {
        "curve": "Path",
        "face": "",
        "start_distance": 0.5,
        "seed": 3,
        "variations": 1,
        "foot_lock": True,
    }
    with pytest.raises(TypeError):
        made()
    with pytest.raises(dataclasses.FrozenInstanceError):
        made("Path").seed = 4


WALK = options_class("Walk", (TABLES["walk"], key_options.OPTIONS), curve=dataclasses.MISSING)


def test_settings_of_a_file_are_taken_if_their_options_can_have_them():
    defaults = {option.property_name: option.default for option in WALK.TABLE.values()}
    given = {**defaults, "curve": "Path", "speed": 2, "invented later": [1]}
    assert known_settings(WALK, given) == {**defaults, "curve": "Path", "speed": 2}
    rounded = {"key_angle": 3.1415927410125732}  # pi in 32 bits, as Blender keeps it
    assert known_settings(WALK, rounded) == rounded


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("curve", 3),
        ("curve", None),
        ("speed", "1.4"),
        ("speed", True),
        ("speed", 0.0),
        ("speed", -1e-30),
        ("speed", float("nan")),
        ("speed", 1001.0),
        ("laps", 1.5),
        ("laps", [1]),
        ("seed", 2**31),
        ("loop", 1),
        ("style", "NOBODY"),
        ("style", {"a": 1}),
    ],
)
def test_settings_that_no_option_can_have_are_refused(name, value):
    with pytest.raises(ValueError, match=f"expected {name} as in the panel"):
        known_settings(WALK, {name: value})
