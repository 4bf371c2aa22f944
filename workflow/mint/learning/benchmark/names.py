"""Names of who takes part, for rules and tables: nothing here loads torch."""

from __future__ import annotations

from mint.config.benchmark import BenchmarkConfig

OURS, TRANSFORMER = "ours", "transformer"
# The published networks in the order of table 2 of Schneider et al. 2024, then ours.
NETWORK_TITLES = {
    "lstm": "LSTM",
    "fconv": "FConv",
    TRANSFORMER: "Transformer",
    "mamba": "Mamba",
    "vqvae": "VQ-VAE",
    OURS: "Ours",
}
# What ours is without each of its choices.
ABLATION_TITLES = {
    "ours-humanml3d": "HumanML3D's features",
    "ours-smooth_l1": "published loss",
    "ours-unscaled": "loss not scaled per muscle",
    "ours-no_correlation": "no correlation in the loss",
    "ours-no_difference": "no temporal difference in the loss",
    "ours-unbounded": "head not bounded",
    "ours-not_mirrored": "no mirrored motions",
    "ours-published_rate": "published optimizer",
    "ours-transformer": "the transformer in its place",
}
# Computed rather than trained.
FLOOR_TITLES = {
    "mean": "mean activation",
    "activity": "mean curve of the activity",
    "ridge": "ridge regression",
    "ridge-gravity": "ridge regression, our features",
    "nearest": "nearest window",
    "nearest-gravity": "nearest window, our features",
}

# Trained further on measured EMG: the network of the paper's table 6, and ours. The EMG is that of Muscles in Action,
# or of people of the dataset.
FINETUNED_ENTRIES = (TRANSFORMER, OURS)
MIA, DATASET = "mia", "dataset"
MEAN_EMG = "mean"
HOW_TITLES = {
    MEAN_EMG: "mean EMG of the exercise",
    "outer": "outer layers fine-tuned",
    "all": "all fine-tuned",
    "scratch": "all trained from scratch",
}


def title_of(entry: str) -> str:
    """An entry in words."""
    if entry in ABLATION_TITLES:
        return f"Ours: {ABLATION_TITLES[entry]}"
    return (NETWORK_TITLES | FLOOR_TITLES)[entry]


def entrants(config: BenchmarkConfig) -> list[tuple[str, int]]:
    """Every training of a benchmark, (entry, number of its seed): floors and ablations have one each.

    Raises ValueError for a network that nobody knows.
    """
    if unknown := sorted(set(config.models) - set(NETWORK_TITLES)):
        raise ValueError(f"benchmark.models: {', '.join(unknown)}: the networks are {', '.join(NETWORK_TITLES)}")
    chosen = [name for name in NETWORK_TITLES if not config.models or name in config.models]
    out = [(name, 0) for name in FLOOR_TITLES] + [(name, seed) for name in chosen for seed in range(config.seeds)]
    return out + [(name, 0) for name in ABLATION_TITLES if config.ablations and OURS in chosen]


def finetuned_entries(config: BenchmarkConfig) -> list[str]:
    """Networks of a benchmark that are trained further on measured EMG, each its first seed."""
    return [name for name in FINETUNED_ENTRIES if not config.models or name in config.models]
