"""What `config/config.yaml` holds: the settings that projects differ in. All others have their defaults; who needs
another value writes the key below its section (`docs/reference/configuration.md` lists them all)."""

from __future__ import annotations

EVERYDAY = (
    "sequences",
    "results",
    "model",
    "inputs.mirror",
    "limits.chunk_memory_mb",
    "batch.target_minutes",
    "body.model_dir",
    "body.marker_map",
    "trajectory.ground_force",
    "trajectory.linear_solver",
    "babel.folder",
    "opensim.trials",
    "publish.version",
    "publish.title",
    "publish.creators",
    "publish.licence",
    "refine.pairs",
    "refine.preset",
    "benchmark.dataset",
    "benchmark.motion",
    "benchmark.split",
    "benchmark.preset",
    "benchmark.gpu",
)
