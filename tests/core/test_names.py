"""Names from tables never leave their folder, and names that differ never share one."""

from __future__ import annotations

import random

import pytest

from mint.core.names import MAX_LENGTH, readable, sanitized


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/abs", "a/b", "a\x00b", ".hidden", "-rf", "a b;c$(d)", "x" * 500, "名前", "☃"]
)
def test_a_sanitized_name_is_one_visible_path_part(name: str) -> None:
    clean = sanitized(name)
    assert clean and "/" not in clean and clean[0] not in ".-_" and len(clean) <= MAX_LENGTH and clean.isascii()
    assert sanitized(clean) == clean


@pytest.mark.parametrize("name", ["", " ", "..", "-_-", "\t\n"])
def test_a_name_without_any_usable_character_is_refused(name: str) -> None:
    for function in (sanitized, readable):
        with pytest.raises(ValueError, match="use letters or digits"):
            function(name)


def test_usual_names_stay() -> None:
    assert sanitized("Subject_11_F_10_poses") == "Subject_11_F_10_poses"


def test_names_that_differ_in_lost_characters_stay_different() -> None:
    pairs = [
        ("Müller", "Möller"),
        ("山田", "田中"),
        ("a b", "a_b"),
        ("a", "a_"),
        ("x" * 500, "x" * 501),
        ("a/b", "a.b"),
    ]
    for one, other in pairs:
        assert sanitized(one).casefold() != sanitized(other).casefold()


def test_ten_thousand_random_names_of_all_scripts_become_as_many_folders() -> None:
    pick = random.Random(21)
    scripts = [
        (0x21, 0x7E),
        (0xC0, 0x24F),
        (0x370, 0x3FF),
        (0x400, 0x4FF),
        (0x590, 0x6FF),
        (0x900, 0x97F),
        (0x3040, 0x30FF),
        (0x4E00, 0x9FFF),
        (0xAC00, 0xD7A3),
        (0x1F300, 0x1FAFF),
        (0xD800, 0xDFFF),
    ]

    def name() -> str:
        return "".join(chr(pick.randint(*pick.choice(scripts))) for _ in range(pick.randint(2, 12)))

    names = {name().strip() for _ in range(10_000)} - {""}
    usable = [each for each in names if not each.isascii() or any(character.isalnum() for character in each)]
    assert len(usable) > 9_900
    assert len({sanitized(each) for each in usable}) == len(usable)
