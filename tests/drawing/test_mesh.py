"""Surfaces: read whole, thinned without losing their shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.core.status import Reason, StageError
from mint.drawing.mesh import outward, read_vtp, thinned
from tests.drawing.squat import surface


def ball(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """A sphere of radius 0.1 m, closed, seen from outside against the clock."""
    from scipy.spatial import ConvexHull

    k = np.arange(count * 20) + 0.5
    polar, around = np.arccos(1 - 2 * k / len(k)), np.pi * (1 + 5**0.5) * k
    points = 0.1 * np.stack([np.cos(around) * np.sin(polar), np.sin(around) * np.sin(polar), np.cos(polar)], axis=1)
    faces = ConvexHull(points).simplices
    a, b, c = (points[faces[:, i]] for i in range(3))
    flip = np.einsum("ti,ti->t", a, np.cross(b, c)) < 0
    faces[flip] = faces[flip][:, ::-1]
    return points, faces


def volume(points: np.ndarray, faces: np.ndarray) -> float:
    a, b, c = (points[faces[:, i]] for i in range(3))
    return float(np.einsum("ti,ti->", a, np.cross(b, c)) / 6)


def test_polygons_become_triangles_of_the_same_surface(tmp_path: Path) -> None:
    surface(tmp_path, "cube.vtp", 2.0)
    points, faces = read_vtp(tmp_path / "cube.vtp")
    assert points.shape == (8, 3) and faces.shape == (12, 3)
    assert abs(volume(points, faces)) == pytest.approx(8.0)


@pytest.mark.parametrize("text", ["", "<VTKFile/>", "no xml"])
def test_what_is_no_surface_is_a_named_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.vtp").write_text(text)
    with pytest.raises(StageError, match=r"bad\.vtp") as error:
        read_vtp(tmp_path / "bad.vtp")
    assert error.value.reason is Reason.FILE_CORRUPT


def test_an_index_beyond_the_points_is_a_named_fault(tmp_path: Path) -> None:
    surface(tmp_path, "cube.vtp", 1.0)
    text = (tmp_path / "cube.vtp").read_text()
    (tmp_path / "cube.vtp").write_text(
        text.replace('connectivity" format="ascii">0', 'connectivity" format="ascii">99')
    )
    with pytest.raises(StageError):
        read_vtp(tmp_path / "cube.vtp")


def test_a_thinned_sphere_is_smaller_and_still_the_sphere() -> None:
    points, faces = ball()
    few, fewer = thinned(points, faces, 0.03)
    assert len(fewer) < len(faces) / 4
    assert np.linalg.norm(few, axis=1) == pytest.approx(0.1, abs=0.004)
    assert volume(few, fewer) == pytest.approx(volume(points, faces), rel=0.1)


def test_a_surface_smaller_than_a_cube_vanishes() -> None:
    points, faces = ball()
    assert thinned(points + 1.0, faces, 1.0)[1].shape == (0, 3)


def test_triangles_are_seen_from_outside_against_the_clock() -> None:
    points, faces = ball()
    assert volume(points, outward(points + 5, faces)) > 0
    assert volume(points, outward(points + 5, faces[:, ::-1])) > 0
