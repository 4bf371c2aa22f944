from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mint.core.status import Reason, StageError
from mint.inputs import models
from mint.inputs.pinned import sha256
from tests.wheels import wheel_folder


def test_every_model_has_one_pinned_origin() -> None:
    for entry in models.registered().values():
        assert bool(entry.url) != bool(entry.wheel and entry.member)
        assert len(entry.sha256) == 64
        if entry.url:
            commit = entry.url.split("/")[5]
            assert entry.url.startswith("https://raw.githubusercontent.com/") and len(commit) == 40


@pytest.mark.parametrize("name", ["full402", "lai_uhlrich2022", "lai_arnold2017_contacts"])
def test_model_from_a_mirror_has_the_pinned_hash(name: str, shared: Callable[[str], Path], tmp_path: Path) -> None:
    entry = models.registered()[name]
    path = models.fetch(name, tmp_path / "model.osim", mirror=shared(f"models/{entry.filename}").parent)
    assert sha256(path) == entry.sha256


def test_pose2sim_comes_out_of_its_wheel(tmp_path: Path) -> None:
    wheel = wheel_folder("pose2sim", tmp_path)
    path = models.fetch("pose2sim", tmp_path / "model.osim", wheel_folder=wheel)
    assert sha256(path) == models.registered()["pose2sim"].sha256


def test_mirrored_file_with_another_hash_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cyclistFullBodyMuscle.osim").write_text("<OpenSimDocument/>")
    with pytest.raises(StageError, match="SHA-256") as caught:
        models.fetch("full402", tmp_path / "out.osim", mirror=tmp_path)
    assert caught.value.reason is Reason.FILE_CORRUPT
    assert not (tmp_path / "out.osim").exists()


def test_unreachable_address_names_the_file_and_the_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> str:
        raise models.requests.exceptions.ConnectionError("no route")

    monkeypatch.setattr(models.pooch, "retrieve", offline)
    with pytest.raises(StageError, match="no route") as caught:
        models.fetch("full402", tmp_path / "out.osim", mirror=tmp_path)
    assert caught.value.reason is Reason.FILE_MISSING
    assert "cyclistFullBodyMuscle.osim" in caught.value.remedy and "inputs.mirror" in caught.value.remedy


def test_unknown_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="'gait2392' is not in"):
        models.fetch("gait2392", tmp_path / "out.osim")
