"""The card of a model folder: what it is, what it was learned from, how good it is, and what it cannot know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mint.learning.benchmark.markdown import GROUPS
from mint.learning.benchmark.names import title_of

_FEATURES = {
    "humanml3d": "HumanML3D's 263 features (Guo et al. 2022)",
    "gravity": "rotations, speeds and accelerations in a frame that follows gravity and heading",
}


def card(
    entry: str,
    training: Mapping[str, Any],
    results: Sequence[Mapping[str, Any]],
    told: Mapping[str, Any],
    features: str,
    digest: str,
) -> str:
    """The text of `README.md`. `told` is what `benchmark.json` has, `results` rows of the entry and of the floors."""
    rows = {(row["entry"], row["muscles"]): row for row in results if not row["action"]}
    lines = [
        "| muscles | RMSE | PCC | PCC as published | SMAPE % | best floor: RMSE | PCC |",
        "|---|---|---|---|---|---|---|",
    ]
    for group, title in GROUPS.items():
        row = rows.get((entry, group))
        if row is not None:
            floors = [each for (name, muscles), each in rows.items() if muscles == group and name in told["floors"]]
            correlations = [each["pcc"] for each in floors if each["pcc"] is not None]
            lines.append(
                f"| {title} ({row['muscle_count']}) | {row['rmse']:.4f} | {_text(row['pcc'], 3)} | "
                f"{_text(row['pcc_paper'], 3)} | {_text(row['smape'], 1)} | "
                f"{min((each['rmse'] for each in floors), default=float('nan')):.4f} | "
                f"{_text(max(correlations, default=None), 3)} |"
            )
    people = told["people"]
    return "\n".join(
        [
            f"# {title_of(entry)}: from motion to muscle activity",
            "",
            f"Activations of {told['muscles']} muscle strands, at 20 samples a second, of windows of 1.4 s of motion "
            f"of a body in SMPL-H format. Input: {_FEATURES[features]}. {training['parameters']} parameters.",
            "",
            f"Learned from {told['sequences']['train']} sequences of {len(people['train'])} people "
            f"({told['windows']['train']} windows that do not overlap), simulated, {training['iterations']} iterations "
            f"of {told['budget']['batch']} windows, weights of iteration {training['best_iteration']}, chosen by "
            f"{told['windows']['val']} windows ({len(people['val'])} people). Judged on {told['windows']['test']} "
            f"windows ({len(people['test'])} people), mean over {told['seeds']} seeds; this folder has the first. "
            f"Apart are {told['split_words']}: `split.json`. SHA-256 of the examples: {digest}.",
            "",
            *lines,
            "",
            "What it gives is an estimate of a simulation, which itself is an estimate: muscles of a model that move "
            "it with little effort, not EMG. It knows the kinds of motion it was trained on; `mint predict` says when "
            "one is farther from them than 99 of 100 windows that it was validated on. It knows nothing of loads in "
            "the hands, of patients, and of what carries the body beside the feet.",
            "",
            "`weights.safetensors` has weights, scale of the features and what is familiar; `config.json` the network; "
            "`metrics.json` all scores; `model.onnx` the same for any runtime: input `features` (batch, 28, features) "
            "as they are, output `activations`.",
            "",
        ]
    )


def _text(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
