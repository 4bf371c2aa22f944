"""Where body models lie: SMPL-H by sex, the user's own SMPL-X and SMPL beside it."""

from __future__ import annotations

from pathlib import Path


def candidates(model_dir: str | Path, model: str, gender: str) -> tuple[Path, ...]:
    """Files that may hold the model of a gender, `smplh`, `smplx` or `smpl`; none for a format without bodies."""
    folder = Path(model_dir)
    if model == "smplh":
        return (folder / gender / "model.npz",)
    own = folder / model / gender / "model.npz"
    return {"smplx": (own, folder / "smplx" / f"SMPLX_{gender.upper()}.npz"), "smpl": (own,)}.get(model, ())


def model_path(model_dir: str | Path, model: str, gender: str) -> Path | None:
    """Where the model of a gender lies, or else the neutral one; None without either."""
    for name in dict.fromkeys((gender, "neutral")):
        for path in candidates(model_dir, model, name):
            if path.is_file():
                return path
    return None
