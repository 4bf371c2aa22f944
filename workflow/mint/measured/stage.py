"""Stage measured: what plates and electrodes recorded goes in; forces and envelopes on the simulation's clock come out.

A measurement that is broken costs the sequence nothing but the measurement: it is left out, and the status says so in
its warnings, which the quality table of sequences shows.
"""

from __future__ import annotations

from pathlib import Path

from mint.config.measured import MeasuredConfig
from mint.core.bundle import Bundle, passed_on
from mint.core.status import REMEDY, Reason, StageError, StageStatus
from mint.measured.emg import Emg, emg_of_file, emg_of_motion
from mint.measured.force_checks import checked_forces
from mint.measured.forces import Forces, forces_of_file, forces_of_motion

STAGE = "measured"


def run(
    validated_path: str | Path,
    body_path: str | Path,
    output: str | Path,
    config: MeasuredConfig,
    *,
    forces_path: str | Path | None = None,
    emg_path: str | Path | None = None,
    forces_missing: str | None = None,
    emg_missing: str | None = None,
    forces_offset_s: float = 0.0,
    emg_offset_s: float = 0.0,
    emg_side: str | None = None,
) -> Bundle:
    """Write `measured.npz` of one sequence (contract in docs/reference/files.md).

    `forces_path` and `emg_path` are the files that the sequence table names, `forces_missing` and `emg_missing` those
    that it names and that are not there; without either, what the motion file holds is taken. Offsets [s] are added to
    times, `emg_side` (r or l) is the side of channels that state none. Nothing is raised.
    """
    try:
        validated, body = Bundle.read(validated_path), Bundle.read(body_path)
        bundle = passed_on(validated, body)
        if bundle is None:
            ground_m, notes = float(body.meta["ground_m"]), []
            forces, emg = Forces(), Emg()
            try:
                if forces_path or forces_missing:
                    file = _there(forces_path, forces_missing)
                    forces = forces_of_file(file, validated, ground_m, forces_offset_s, config)
                else:
                    forces = forces_of_motion(validated, ground_m, forces_offset_s)
                if forces.names:
                    forces = checked_forces(forces, validated, body.meta, config)
            except StageError as error:
                forces = Forces()
                notes.append(_left_out("forces", error))
            try:
                emg = (
                    emg_of_file(_there(emg_path, emg_missing), validated, emg_offset_s, emg_side, config)
                    if emg_path or emg_missing
                    else emg_of_motion(validated, emg_offset_s, emg_side, config)
                )
            except StageError as error:
                notes.append(_left_out("EMG", error))
            notes += [*forces.notes, *emg.notes]
            meta = {"forces_from": forces.source, **emg.meta(), "notes": notes}
            bundle = Bundle(StageStatus(STAGE, warnings=tuple(notes)), {**forces.arrays(), **emg.arrays()}, meta)
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def _there(path: str | Path | None, missing: str | None) -> str | Path:
    """The path, of a file that was there when the job was made. Raises StageError."""
    if path is None:
        raise StageError(
            Reason.FILE_MISSING,
            f"{missing} is no file",
            remedy="correct the cell of the sequence table, or put the file there",
        )
    return path


def _left_out(what: str, error: StageError) -> str:
    return f"measured {what} left out: {error.detail} ({error.remedy or REMEDY[error.reason]})"
