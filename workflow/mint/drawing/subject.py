"""The drawings of one subject, in a process of its own: the model is read once, its sequences one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.report import ReportConfig
from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.core.tables import mint_columns
from mint.drawing.bones import body_arrays
from mint.drawing.chunks import measured_markers, read_chunks
from mint.drawing.motion import whole_body
from mint.drawing.places import body_path, drawing_path, drawn_frames
from mint.drawing.poses import placed
from mint.kinematics.leg_model.mapping import LegMapping
from mint.trunk.model import TrunkModel, load_model
from mint.trunk.strands import mint_name_of, strand_names

STAGE = "drawing"
Floats = NDArray[np.float64]


def run(
    subject_id: str,
    sequences: Sequence[str],
    results_dir: str | Path,
    geometry: str | Path | None,
    output: str | Path,
    config: ReportConfig,
) -> None:
    """Write the body of the subject and the drawings of `sequences`, and at `output` what became of them.

    `geometry` is a folder with the model's surfaces, or None. Meta `left_out` {sequence: why} has those that cannot be
    drawn. Raises StageError for a subject without a model.
    """
    results = Path(results_dir)
    folder = results / "subjects" / subject_id
    model = load_model(folder / "scaled.osim")
    folder_of_surfaces = Path(geometry) if geometry else None
    arrays = body_arrays(model.model, folder / "leg_model.json", folder_of_surfaces, config.bone_cell_m)
    Bundle.of(STAGE, arrays, {"subject_id": subject_id}).write(body_path(results, subject_id))
    mapping = LegMapping(folder / "scaled.osim", folder / "leg.osim")
    left_out: dict[str, str] = {}
    for name in sequences:
        try:
            drawing = draw(model, mapping, results / "sequences" / name, config)
        except (StageError, RuntimeError, KeyError, ValueError, IndexError, np.linalg.LinAlgError) as error:
            # A picture never costs more than itself; OpenSim's own failures are RuntimeErrors.
            left_out[name] = f"{type(error).__name__}: {error}"
            continue
        drawing.write(drawing_path(results, name))
    Bundle.of(STAGE, {}, {"left_out": left_out}).write(output)


def draw(model: TrunkModel, mapping: LegMapping, folder: Path, config: ReportConfig) -> Bundle:
    """The drawing of the sequence in `folder`.

    Arrays: `frames (n,)`, `solved (n,)`; bodies and paths of `mint.drawing.poses.placed`; `activation (n, m)` of its
    muscles, NaN where not solved; `strength_N (m,)` and `leg_muscle (m,)` of them; `marker_names (k,)`,
    `marker_position (n, k, 3)` m.
    """
    merged = Bundle.read(folder / "sequence.npz")
    chunks = read_chunks(folder, [chunk["window"] for chunk in merged.meta["chunks"]])
    frames = drawn_frames(merged.meta["first_frame"], merged.meta["stop_frame"], config.max_frames)
    q, solved = whole_body(model, mapping, merged, chunks, frames)
    arrays = placed(model, q, config.path_tolerance_m)
    names = [str(name) for name in arrays["muscles"]]
    marker_names, positions = measured_markers(chunks, frames)
    legs = strand_names(names, "lower_limb")
    strength = [model.muscle_objects[name].getMaxIsometricForce() for name in names]
    arrays |= {
        "frames": frames.astype(np.int32),
        "solved": solved,
        "activation": activations(merged, names, frames),
        "strength_N": np.array(strength, dtype=np.float32),
        "leg_muscle": np.array([name in legs for name in names]),
        "marker_names": np.array(marker_names, dtype=str),
        "marker_position": positions.astype(np.float32),
    }
    return Bundle.of(STAGE, arrays, {"sequence_id": merged.meta["sequence_id"]})


def activations(merged: Bundle, muscles: Sequence[str], frames: NDArray[np.int64]) -> NDArray[np.float32]:
    """(n, m) of muscles by their names in the model; NaN in gaps and for a muscle without a value."""
    columns = {name: i for i, name in enumerate(mint_columns())}
    extra = {name: i for i, name in enumerate(merged.names("extra_muscles"))}
    known: dict[str, str] = {**mint_name_of("trunk"), **mint_name_of("lower_limb")}
    solved = np.isin(frames, merged["frames"])
    at = np.searchsorted(merged["frames"], frames[solved])
    out = np.full((len(frames), len(muscles)), np.nan, dtype=np.float32)
    values: Any
    for i, name in enumerate(muscles):
        if name in extra:
            values = merged["extra_activation"][:, extra[name]]
        elif name in known:
            values = merged["activation"][:, columns[known[name]]]
        else:
            continue
        out[solved, i] = values[at]
    return out
