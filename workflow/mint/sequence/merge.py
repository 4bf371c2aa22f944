"""The merge stage: the accepted chunks of a sequence become one series with explicit gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.merge import MergeConfig
from mint.config.support import SupportConfig
from mint.core.bundle import Bundle, passed_on
from mint.core.chunks import Window, time_s
from mint.core.status import Reason, StageError, StageStatus, Status
from mint.core.tables import mint_columns
from mint.sequence import blend, joints, roll, series
from mint.sequence.ground import GRF_COLUMNS
from mint.sequence.metrics import UNFIT, body_mass, measure, seam_metrics
from mint.sequence.one_claim import hold_together
from mint.sequence.outcome import STAGES, Chunk, check, read_bundle, read_chunk, rejected
from mint.support.assess import foot_heights

CHUNK_FILES = ("markers", *STAGES)


def run(
    record: Mapping[str, Any],
    chunks: Sequence[Mapping[str, str | Path]],
    output: str | Path,
    config: MergeConfig,
    validated: str | Path | None = None,
    body: str | Path | None = None,
    *,
    foot_parts: Sequence[str],
) -> Bundle:
    """Merge a sequence and write `sequence.npz`.

    `record` is the plan's record (`sequence_id`, `windows`, `last_frame`); `chunks[i]` maps `ik`, `support`,
    `trajectory`, `verify`, `trunk` to the bundles of window i, `markers` to its .trc; `foot_parts` is the setting of
    section `support`. The status of a sequence that failed before its chunks is passed on; a chunk that failed becomes
    a gap. Only an unwritable output raises.
    """
    bundle = merged(record, chunks, config, validated, body, foot_parts=foot_parts)
    bundle.write(output)
    return bundle


def run_files(
    record: Mapping[str, Any],
    files: Sequence[str | Path],
    output: str | Path,
    config: MergeConfig,
    validated: str | Path | None = None,
    body: str | Path | None = None,
    *,
    foot_parts: Sequence[str],
) -> Bundle:
    """`run` with the chunks' files in one list: `CHUNK_FILES` of the first chunk, then of the next."""
    rows = (files[i : i + len(CHUNK_FILES)] for i in range(0, len(files), len(CHUNK_FILES)))
    chunks = [dict(zip(CHUNK_FILES, row, strict=True)) for row in rows]
    return run(record, chunks, output, config, validated, body, foot_parts=foot_parts)


def merged(
    record: Mapping[str, Any],
    chunks: Sequence[Mapping[str, str | Path]],
    config: MergeConfig,
    validated: str | Path | None = None,
    body: str | Path | None = None,
    *,
    foot_parts: Sequence[str],
) -> Bundle:
    """What `run` writes."""
    name = str(record["sequence_id"])
    upstream: list[Bundle] = []
    for stage, path in (("validate", validated), ("body", body)):
        if path is None:
            continue
        bundle, damaged = read_bundle(stage, path)
        if bundle is None:
            assert damaged is not None
            return Bundle(damaged, meta={"sequence_id": name})
        upstream.append(bundle)
    notes = [text for bundle in upstream for text in _notes(bundle)]
    failed = passed_on(*upstream)
    if failed is not None:
        failed.meta |= {"sequence_id": name, "notes": notes}
        return failed
    if not record["windows"]:
        detail = f"sequence {name} lasts {time_s(max(int(record.get('last_frame', 0)), 0))} s"
        return Bundle(StageError(Reason.TOO_SHORT, detail).as_status("merge"), meta={"sequence_id": name})
    facts: dict[str, Any] = {"notes": notes}
    for bundle in upstream:
        facts |= {key: value for key, value in bundle.meta.items() if key in _FACTS}
    facts["warnings"] = [text for bundle in upstream for text in bundle.status.warnings]
    read = [read_chunk(Window(**window), paths) for window, paths in zip(record["windows"], chunks, strict=True)]
    # The model may weigh something else than the sequence's own mesh: a measured mass, or the mesh of another sequence.
    facts["mass_kg"] = next((mass for chunk in read if (mass := body_mass(chunk))), facts.get("mass_kg"))
    feet = _feet(upstream, foot_parts)
    read = hold_together([_checked(chunk, facts["mass_kg"], config, feet) for chunk in read])
    try:
        return _assembled(name, read, facts, config)
    except UNFIT as error:
        # Chunks that pass one by one and yet do not fit together (muscle names that claim one column).
        status = StageError(Reason.FIELD_VALUE, str(error)).as_status("merge")
        return Bundle(status, meta={"sequence_id": name, "chunks": [chunk.to_json() for chunk in read]})


_FACTS = ("mass_kg", "stature_m", "gender", "frame_rate_hz", "ground_m", "frames", "duration_s")


def _notes(bundle: Bundle) -> list[str]:
    """What a stage tells about a motion that is no doubt, without the path of its file: it is that of one machine."""
    told = bundle.meta.get("notes")
    if not isinstance(told, list):
        return []
    return [str(text).removeprefix(f"{bundle.meta.get('path')}: ") for text in told]


def _feet(upstream: list[Bundle], foot_parts: Sequence[str]) -> NDArray[np.float64] | None:
    """Heights (N, 2) m of right and left foot above the floor in the motion capture, where stage body measured them."""
    for bundle in upstream:
        if "heights" in bundle and "part_names" in bundle:
            try:
                heights = bundle["heights"].astype(float)
                return foot_heights(heights, bundle.names("part_names"), SupportConfig(foot_parts=list(foot_parts)))
            except UNFIT as error:
                print(f"heights of the feet: not measured: {error!r}")
    return None


def _checked(chunk: Chunk, mass_kg: float | None, config: MergeConfig, feet: NDArray[np.float64] | None) -> Chunk:
    if chunk.accepted:
        try:
            check(chunk)
        except StageError as error:
            chunk = rejected(chunk, error)
    measure(chunk, mass_kg, config, feet)
    return chunk


def _assembled(name: str, chunks: list[Chunk], facts: dict[str, Any], config: MergeConfig) -> Bundle:
    used = _same_muscles(chunks)
    windows = [chunk.window for chunk in used]
    first, last = chunks[0].window.keep_start, chunks[-1].window.keep_stop
    arrays: dict[str, Any] = {"frames": blend.kept_frames(windows).astype(np.int32)}
    seam_rows: list[dict[str, Any]] = []
    present: list[str] = []
    clipped = 0.0
    if used:
        muscles, clipped, seam_rows = series.muscles(used, windows, config)
        arrays |= muscles
        arrays |= series.ground(used, windows, config)
        arrays |= series.motion(used, windows, config)
        arrays |= series.drawn(used, windows, config)
        arrays |= joints.joints(used, windows, config)
        columns = mint_columns()
        present = [columns[i] for i in np.flatnonzero(np.isfinite(arrays["activation"]).all(axis=0))]
    belt = joints.belt_velocity(used)
    by_chunk = {row["chunk"]: row for row in seam_rows}
    for chunk in chunks:
        if row := by_chunk.get(chunk.window.chunk):
            chunk.metrics |= seam_metrics(chunk, row, facts.get("mass_kg"))
    rolls = roll.rolls(arrays, belt, config.contact_threshold_N)
    for chunk in used:
        chunk.metrics |= roll.worst(rolls, chunk.window.keep_start, chunk.window.keep_stop)
    meta = {
        "sequence_id": name,
        **facts,
        "first_frame": first,
        "stop_frame": last,
        "grf_columns": list(GRF_COLUMNS),
        "gaps": [list(gap) for gap in blend.gaps(windows, first, last)],
        "present": present,
        "clipped_share": clipped,
        "belt_velocity_m_s": belt,
        **joints.gait_tables(arrays, belt, config),
        "seams": seam_rows,
        "chunks": [chunk.to_json() for chunk in chunks],
    }
    return Bundle(StageStatus("merge", Status.OK), {k: np.asarray(v) for k, v in arrays.items()}, meta)


def _same_muscles(chunks: list[Chunk]) -> list[Chunk]:
    """Accepted chunks; one whose muscles or coordinates differ from the first one's is refused in place."""
    used: list[Chunk] = []
    for i, chunk in enumerate(chunks):
        if not chunk.accepted:
            continue
        if used and any(
            chunk.names(s, n) != used[0].names(s, n)
            for s, n in (("trajectory", "muscles"), ("trunk", "muscles"), ("trajectory", "coordinates"))
        ):
            chunks[i] = rejected(
                chunk,
                StageError(
                    Reason.FIELD_VALUE,
                    f"chunk {chunk.window.chunk} was solved with another model than chunk {used[0].window.chunk}",
                    remedy="delete the sequence's chunks and run again",
                ),
            )
            continue
        used.append(chunk)
    return used
