"""Traces beside the results of a synthetic project, as the stages of the workflow leave them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mint.batch.digest import digest_of
from mint.batch.made import Made
from mint.core.bundle import Bundle
from mint.core.methods import METHOD_VERSION
from mint.provenance.trace import BYPRODUCTS
from mint.sequence.outcome import STAGES
from tests.sequence.factory import Project

ADJUSTMENTS = [{"marker": "C7", "dx_mm": 5.0, "dy_mm": 0.0, "dz_mm": -2.0}]
PACKAGES = {"python": "3.11.7", "mint-workflow": "0.1.0", "snakemake": "9.27.1", "numpy": "2.4.6"}
MODEL = "inputs/models/small_prepared.osim"
CHUNK_INPUTS = {
    "markers": {"validated": "validated.npz", "body": "body.npz"},
    "ik": {
        "scale_path": "@scale.npz",
        "scaled_osim": "@scaled.osim",
        "leg_osim": "@leg.osim",
        "markers_trc": "#markers.trc",
        "upstream": ["validated.npz", "body.npz"],
    },
    "support": {"leg_model_json": "@leg_model.json", "ik_path": "#ik.npz", "body_path": "body.npz"},
    "trajectory": {
        "leg_model_path": "@leg_model.json",
        "muscle_paths_path": "@muscle_paths.npz",
        "ik_path": "#ik.npz",
        "support_path": "#support.npz",
    },
    "verify": {
        "leg_osim": "@leg.osim",
        "paths_path": "@muscle_paths.npz",
        "trajectory_path": "#trajectory.npz",
        "ik_path": "#ik.npz",
    },
    "trunk": {"scaled_osim": "@scaled.osim", "trajectory_path": "#trajectory.npz", "ik_path": "#ik.npz"},
}


def trace(results: Path, stage: str, output: str, inputs: dict[str, str | list[str]], **changes: Any) -> Made:
    """Write the trace of a result; inputs are paths below the results folder, or outside of it."""
    files = {
        name: [[path, digest_of(results / path)] for path in ([paths] if isinstance(paths, str) else paths)]
        for name, paths in inputs.items()
    }
    status = Bundle.read(results / output).status if output.endswith(".npz") else None
    values: dict[str, Any] = {
        "config": {"of": stage},
        "values": {},
        "limits": {"chunk_deadline_s": 1500.0},
        "wall_s": 2.0,
        "cpu_s": 1.5,
        "max_rss_mb": 300.0,
        "status": status.status.value if status else "ok",
        "reason": status.reason.value if status else "none",
        "started": "2026-03-01T10:00:00+00:00",
        "ended": "2026-03-01T10:00:02+00:00",
        "host": "node7",
        "cpu": "A processor",
        "job": "4711",
        "commit": "abc123",
        "packages": PACKAGES,
        **changes,
    }
    made = Made(
        stage=stage,
        digest=digest_of(results / output),
        fingerprint=f"f-{output}",
        method=METHOD_VERSION[stage],
        inputs=files,
        **values,
    )
    made.write(results / output)
    return made


def add_subject(
    results: Path, subject: str, bodies: list[str], adjustments: list[dict[str, Any]] | None = None
) -> None:
    """Model, scaled model and muscle paths of a subject."""
    folder = f"subjects/{subject}"
    for path in (MODEL, *(f"{folder}/{name}" for name in BYPRODUCTS)):
        (results / path).parent.mkdir(parents=True, exist_ok=True)
        (results / path).write_text(f"the model file {Path(path).name}\n")
    Bundle.of("scale", {"factors": [1.0]}).write(results / folder / "scale.npz")
    Bundle.of("muscle_paths", {"span": [1]}).write(results / folder / "muscle_paths.npz")
    trace(
        results,
        "scale",
        f"{folder}/scale.npz",
        {"model_osim": MODEL, "static_path": [], "bodies": bodies},
        values={"model": "small", "mass_kg": None, "adjustments": ADJUSTMENTS if adjustments is None else adjustments},
    )
    trace(
        results,
        "muscle_paths",
        f"{folder}/muscle_paths.npz",
        {"leg_osim": f"{folder}/leg.osim", "upstream": [f"{folder}/scale.npz"]},
    )


def add_sequence(
    results: Path, sequence: str, subject: str, motion: str, chunks: int, *, models: list[str] | None = None
) -> None:
    """Traces of a sequence whose results are there, from `motion`, a path below the results folder or outside of it."""
    own = f"sequences/{sequence}"
    trace(results, "validate", f"{own}/validated.npz", {"path": motion})
    trace(results, "body", f"{own}/body.npz", {"validated_path": f"{own}/validated.npz", "watched": models or []})
    for chunk in range(chunks):
        folder = f"{own}/chunks/{chunk:03d}"
        (results / folder / "markers.trc").write_text(f"markers of chunk {chunk}\n")
        for stage, inputs in CHUNK_INPUTS.items():
            output = f"{folder}/{stage}.{'trc' if stage == 'markers' else 'npz'}"
            trace(
                results,
                stage,
                output,
                {
                    name: [
                        _place(path, own, folder, subject) for path in ([paths] if isinstance(paths, str) else paths)
                    ]
                    for name, paths in inputs.items()
                },
                values={"window": [70 * chunk, 70 * chunk + 84]},
            )


def add_merge(results: Path, sequence: str, chunks: int) -> None:
    """Trace of a merged sequence."""
    own = f"sequences/{sequence}"
    names = ("markers.trc", *(f"{stage}.npz" for stage in STAGES))
    files = [f"{own}/chunks/{chunk:03d}/{name}" for chunk in range(chunks) for name in names]
    trace(
        results,
        "merge",
        f"{own}/sequence.npz",
        {"validated": f"{own}/validated.npz", "body": f"{own}/body.npz", "files": files},
    )


def _place(path: str, sequence: str, chunk: str, subject: str) -> str:
    """`@x` lies in the subject's folder, `#x` in the chunk's, `x` in the sequence's."""
    return {"@": f"subjects/{subject}/{path[1:]}", "#": f"{chunk}/{path[1:]}"}.get(path[0], f"{sequence}/{path}")


def add_traces(project: Project, subjects: dict[str, str], *, outside: tuple[str, ...] = ()) -> None:
    """Traces of the sequences of a project with merged results; `subjects` is {sequence: subject}.

    Motion files lie below the results folder, those of the sequences `outside` beside it. The first subject has adjusted
    markers.
    """
    results = project.results
    for name in subjects:
        motion = _motion(project, name, outside)
        (results / motion).parent.mkdir(parents=True, exist_ok=True)
        (results / motion).write_bytes(f"motion {name}".encode())
    first: dict[str, str] = {}
    for name, subject in subjects.items():
        first.setdefault(subject, name)
    for number, (subject, name) in enumerate(first.items()):
        add_subject(results, subject, [f"sequences/{name}/body.npz"], None if number == 0 else [])
    for name, subject in subjects.items():
        chunks = len(project.plan["sequences"][name]["windows"])
        add_sequence(results, name, subject, _motion(project, name, outside), chunks)
        add_merge(results, name, chunks)


def _motion(project: Project, name: str, outside: tuple[str, ...]) -> str:
    file = f"{name}_poses.npz"
    return str(project.root / "amass" / "KIT" / "s1" / file) if name in outside else f"inputs/amass/KIT/s1/{file}"
