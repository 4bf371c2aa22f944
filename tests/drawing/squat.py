"""A results folder with one squatting subject: its first chunk accepted, its second one measured only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.core.chunks import Window, windows
from mint.core.motionfiles import MarkerTable, write_trc
from mint.core.status import Reason, StageStatus, Status
from mint.core.tables import mint_columns
from mint.kinematics.inverse.marker_kinematics import MarkerKinematics
from mint.kinematics.leg_model.derive import derive_leg_model
from mint.kinematics.leg_model.mapping import LegMapping
from mint.kinematics.model.export import export_leg_model
from mint.trunk.model import TrunkModel, load_model
from tests.kinematics_scale.conftest import marked_model

SUBJECT, SEQUENCE, LAST = "D-s1", "squat", 154
LIFT_M, PRESSED_M = 0.02, -0.004  # of inverse kinematics and of the trajectory
TURNED_RAD = 0.1  # the solved torso leans so much farther than the measured one
# Amplitude and mean in degrees, at 0.7 Hz; the knees bend far enough for muscles to leave and to meet their surfaces.
MOVES = {
    "pelvis_tilt": (8, -10),
    "pelvis_rotation": (10, 30),
    "hip_flexion_r": (40, 45),
    "hip_flexion_l": (38, 40),
    "hip_adduction_r": (4, -4),
    "hip_rotation_l": (6, 2),
    "knee_angle_r": (48, 50),
    "knee_angle_l": (45, 46),
    "ankle_angle_r": (12, 5),
    "ankle_angle_l": (12, 5),
    "L5_S1_Flex_Ext": (4, -3),
    "L5_S1_Lat_Bending": (3, 0),
    "arm_flex_r": (30, 20),
    "arm_flex_l": (-30, 20),
    "elbow_flex_r": (20, 40),
    "neck_rotation": (20, 0),
}


@dataclass
class Squat:
    """`q (155, u)` in the model's order at frames 0 to 154, and what was written of it."""

    results: Path
    plan: dict[str, Any]
    model: TrunkModel
    mapping: LegMapping
    q: np.ndarray
    markers: np.ndarray
    merged: Bundle

    @property
    def folder(self) -> Path:
        return self.results / "sequences" / SEQUENCE


def surface(folder: Path, name: str, size: float) -> None:
    """A cube of quadrilaterals in VTK's text format."""
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)]) * size
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]

    def array(values: Any, label: str) -> str:
        return f'<DataArray Name="{label}" format="ascii">{" ".join(str(v) for v in np.ravel(values))}</DataArray>'

    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(
        '<?xml version="1.0"?><VTKFile type="PolyData"><PolyData><Piece>'
        f"<Points>{array(corners, 'Points')}</Points>"
        f"<Polys>{array(quads, 'connectivity')}{array(np.arange(4, 25, 4), 'offsets')}</Polys></Piece></PolyData></VTKFile>"
    )


def build(folder: Path, osim: Path) -> Squat:
    results = folder / "results"
    subject = results / "subjects" / SUBJECT
    subject.mkdir(parents=True)
    marked_model(osim).printToXML(str(subject / "scaled.osim"))
    derive_leg_model(subject / "scaled.osim", subject / "leg.osim")
    export_leg_model(subject / "leg.osim", subject / "leg_model.json")
    model = load_model(subject / "scaled.osim")
    mapping = LegMapping(subject / "scaled.osim", subject / "leg.osim")
    q = moved(model)
    kinematics = MarkerKinematics(marked_model(osim), marker_names := [m.getName() for m in _markers(model)])
    markers = np.array([kinematics.positions(row[[model.coordinates.index(n) for n in kinematics.names]]) for row in q])
    merged = write(results, model, mapping, q, marker_names, markers)
    plan = {
        "sequences": {
            SEQUENCE: {
                "sequence_id": SEQUENCE,
                "subject_id": SUBJECT,
                "dataset": "D",
                "subject": "s1",
                "windows": [asdict(w) for w in windows(LAST)],
                "problem": None,
            }
        },
        "subjects": {},
    }
    return Squat(results, plan, model, mapping, q, markers, merged)


def _markers(model: TrunkModel) -> list[Any]:
    found = model.model.getMarkerSet()
    return [found.get(i) for i in range(found.getSize())]


def moved(model: TrunkModel) -> np.ndarray:
    phase = 2 * np.pi * 0.7 * np.arange(LAST + 1) / 50
    coordinates = model.model.getCoordinateSet()
    q = np.tile([coordinates.get(name).getDefaultValue() for name in model.coordinates], (LAST + 1, 1))
    for i, (name, (amplitude, mean)) in enumerate(MOVES.items()):
        q[:, model.coordinates.index(name)] = np.radians(mean - amplitude * np.cos(phase + 0.05 * i))
    q[:, model.coordinates.index("pelvis_ty")] = 0.75 + 0.2 * np.cos(phase)
    model.follow_couplers(q, np.zeros_like(q), np.zeros_like(q))
    return q


def write(
    results: Path, model: TrunkModel, mapping: LegMapping, q: np.ndarray, marker_names: list[str], markers: np.ndarray
) -> Bundle:
    """Chunks and the merged bundle. Inverse kinematics has the motion `q`, markers lie lower by what both stages lift."""
    folder = results / "sequences" / SEQUENCE
    frames, cuts = np.arange(LAST + 1), windows(LAST)
    for window in cuts:
        own, inside = folder / "chunks" / f"{window.chunk:03d}", slice(window.start, window.stop + 1)
        own.mkdir(parents=True)
        Bundle.of(
            "ik",
            {"frames": frames[inside], "coordinates": model.coordinates, "q": q[inside]},
            {"contact_height_offset_m": LIFT_M},
        ).write(own / "ik.npz")
        lost = StageStatus("trajectory", Status.DISCARDED, Reason.TRACKING, "planted")
        Bundle(lost if window.chunk else StageStatus("trajectory"), {}, {"pelvis_height_offset_m": PRESSED_M}).write(
            own / "trajectory.npz"
        )
        low = markers[inside] - [0, LIFT_M + (0 if window.chunk else PRESSED_M), 0]
        write_trc(own / "markers.trc", MarkerTable(marker_names, low, np.round(frames[inside] / 50, 2), 50.0))
    bundle = merged_bundle(model, mapping, q, cuts)
    bundle.write(folder / "sequence.npz")
    return bundle


def merged_bundle(model: TrunkModel, mapping: LegMapping, q: np.ndarray, cuts: list[Window]) -> Bundle:
    rows = np.arange(cuts[0].keep_start, cuts[0].keep_stop)
    leg_names, leg_q = mapping.map(model.coordinates, q[rows])
    leg_q[:, leg_names.index("lumbar_extension")] -= TURNED_RAD
    activation = np.full((len(rows), 402), np.nan)
    activation[:, :80] = 0.5 + 0.4 * np.sin(0.1 * rows[:, None] + np.arange(80))
    activation[:, mint_columns().index("TL_IL_L1_r")] = 0.25
    grf = np.zeros((len(rows), 18))
    grf[:, [1, 7]], grf[:, 5], grf[:, 11] = [500.0, 200.0], 0.1, -0.1
    status = {
        True: StageStatus("merge", Status.ACCEPTED),
        False: StageStatus("verify", Status.DISCARDED, Reason.TRACKING, "planted"),
    }
    chunks = [{"window": asdict(w), "status": status[w.chunk == 0].to_json()} for w in cuts]
    return Bundle.of(
        "merge",
        {
            "frames": rows.astype(np.int32),
            "trunk_coordinates": model.coordinates,
            "trunk_q": q[rows].astype(np.float32),
            "leg_coordinates": leg_names,
            "leg_q": leg_q.astype(np.float32),
            "activation": activation.astype(np.float32),
            "muscle_force_N": activation.astype(np.float32),
            "extra_muscles": ["EO1_r"],
            "extra_activation": np.full((len(rows), 1), 0.75),
            "extra_force_N": np.ones((len(rows), 1)),
            "grf": grf,
            "contact": grf[:, [1, 7]] > 0,
        },
        {
            "sequence_id": SEQUENCE,
            "first_frame": cuts[0].keep_start,
            "stop_frame": cuts[-1].keep_stop,
            "chunks": chunks,
            "gaps": [[77, 147]],
            "mass_kg": 70.0,
        },
    )
