"""Names from tables never leave their folder."""

from __future__ import annotations

import pytest

from mint.core.names import sanitized


@pytest.mark.parametrize("name", ["../../etc/passwd", "/abs", "a/b", "..", "a\x00b", ".hidden", "-rf", "a b;c$(d)", "x" * 500])
def test_a_sanitized_name_is_one_visible_path_part(name: str) -> None:
    try:
        clean = sanitized(name)
    except ValueError:
        assert name == ".."
        return
    assert clean and "/" not in clean and clean[0] not in ".-_" and len(clean) <= 120


def test_usual_names_stay() -> None:
    assert sanitized("Subject_11_F_10_poses") == "Subject_11_F_10_poses"
