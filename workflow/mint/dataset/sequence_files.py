"""Files of one sequence: Parquet tables and the pickles that MinT's reader opens."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import mint
from mint.config.dataset import DatasetConfig
from mint.core.bundle import Bundle
from mint.core.chunks import time_s
from mint.core.environment import package_versions
from mint.core.tables import mint_columns
from mint.dataset.joints import joint_tables
from mint.dataset.mask import MASK, mask_table
from mint.dataset.parquet import frame_table, write_table
from mint.sequence.ground import GRF_COLUMNS, held_centre_of_pressure

PICKLE_PROTOCOL = 4  # readable by every Python that pandas supports
GRF_UNITS = {
    name: "N m" if "torque" in name else "m" if "_p" in name.removeprefix("ground_force_") else "N"
    for name in GRF_COLUMNS
}
CONTACTS = ("contact_right", "contact_left")


def versions() -> dict[str, str]:
    """Versions that a result depends on."""
    packages = package_versions(("numpy", "pandas", "pyarrow", "opensim", "casadi"))
    return {"mint": mint.__version__, **packages}


def content_sha256(bundle: Bundle) -> str:
    """Hash of a bundle's arrays: names, types, shapes and bytes; run times and paths stay out of it."""
    return bundle.hashed_arrays().hexdigest()


def file_sha256(path: Path) -> str | None:
    """Hash of a file, None if it is not there."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError:
        return None


def write_parquet(
    folder: Path,
    bundle: Bundle,
    record: Mapping[str, Any],
    config: DatasetConfig,
    emg: Mapping[str, NDArray[Any]] | None = None,
) -> None:
    """`muscle_activations`, `muscle_forces`, `grf`, `extra_muscles`, tables of joints, `mask`, and `emg` where there
    are measured envelopes, as Parquet in `folder`.

    `record` is the provenance; each table adds `table` and `present`. Missing strands are NaN columns.
    """
    frames = bundle["frames"]
    shared = {**record, "present": bundle.meta["present"], "gaps_frames": bundle.meta["gaps"]}

    def write(name: str, columns: Mapping[str, NDArray[Any]], units: Mapping[str, str] | str) -> None:
        table = frame_table(frames, columns, units, {**shared, "table": name})
        write_table(table, folder / f"{name}.parquet", config.compression)

    write("muscle_activations", _named(mint_columns(), bundle["activation"]), "1")
    write("muscle_forces", _named(mint_columns(), bundle["muscle_force_N"]), "N")
    write(
        "grf",
        _named(GRF_COLUMNS, bundle["grf"]) | _named(CONTACTS, bundle["contact"]),
        GRF_UNITS | dict.fromkeys(CONTACTS, "1"),
    )
    extra = bundle.names("extra_muscles")
    activations = [f"activation_{name}" for name in extra]
    forces = [f"force_{name}" for name in extra]
    write(
        "extra_muscles",
        _named(activations, bundle["extra_activation"]) | _named(forces, bundle["extra_force_N"]),
        dict.fromkeys(activations, "1") | dict.fromkeys(forces, "N"),
    )
    for name, columns, units in joint_tables(bundle):
        write(name, columns, units)
    if emg:
        write("emg", emg, "1")
    write_table(mask_table(bundle, shared), folder / f"{MASK}.parquet", config.compression)


def write_pickles(folder: Path, bundle: Bundle) -> None:
    """MinT's three pickles and `contact.pkl`: float32 over one index in seconds, gaps are missing rows.

    The centre of pressure of a foot without contact is its last valid value; `contact.pkl` tells which.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index = pd.Index([time_s(int(k)) for k in bundle["frames"]], dtype=np.float64)
    muscles = mint_columns()
    held = held_centre_of_pressure(bundle["grf"].astype(float))
    tables: dict[str, tuple[Any, NDArray[Any]]] = {
        "muscle_activations": (muscles, bundle["activation"]),
        "muscle_forces": (muscles, bundle["muscle_force_N"]),
        "grf": (GRF_COLUMNS, held.astype(np.float32)),
        "contact": (CONTACTS, bundle["contact"]),
    }
    for name, (columns, values) in tables.items():
        # Names as plain objects: the text type of newer pandas cannot be read by older ones.
        labels = pd.Index(list(columns), dtype=object)
        frame = pd.DataFrame(np.asarray(values), index=index, columns=labels)
        frame.to_pickle(folder / f"{name}.pkl", protocol=PICKLE_PROTOCOL)


def _named(names: Any, values: NDArray[Any]) -> dict[str, NDArray[Any]]:
    return {name: values[:, i] for i, name in enumerate(names)}
