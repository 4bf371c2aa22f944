"""Stage markers: clean motions and their bodies go in, virtual markers of chunks come out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.batch.job import Job, Settings
from mint.batch.run import Compute, Stage
from mint.config.body import BodyConfig
from mint.core.status import StageStatus


def stage(job: Job, settings: Settings) -> Stage:
    """The stage for the chunks of a job."""
    own = settings["markers"]
    return Stage(
        "markers",
        "markers.trc",
        config=("mint.config.body:BodyConfig", own["config"]),
        own={"validated": "../../validated.npz", "body": "../../body.npz"},
        values={"window": "window"},
        arguments={"margin_frames": own["margin_frames"]},
        watched=job.input.models,
        compute=_placing(BodyConfig(**own["config"]), own["margin_frames"]),
    )


def _placing(config: BodyConfig, margin_frames: int) -> Compute:
    def place(member: Mapping[str, Any], files: Mapping[str, Any], output: Path) -> StageStatus:
        """Markers of one chunk, in this process, which has the body model."""
        # PyTorch is loaded by the first chunk that is computed: a job that keeps all of them does without.
        from mint.body import markers

        return markers.run(
            files["validated"],
            files["body"],
            config.model_dir,
            config.marker_map,
            output,
            window=member["window"],
            margin_frames=margin_frames,
            config=config,
        ).status

    return place
