"""What was learned, in safetensors: named arrays and the digest of what they were learned from. Never unpickled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from mint.core.atomic import atomic_path
from mint.core.status import Reason, StageError

Array = NDArray[Any]


def write_weights(path: str | Path, arrays: Mapping[str, Array], given: str) -> None:
    """Write arrays atomically; `given` is the digest of what they were learned from."""
    content = save({name: np.asarray(value, order="C") for name, value in arrays.items()}, {"given": given})
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def read_weights(path: str | Path, given: str) -> dict[str, Array] | None:
    """Arrays of a file, if they were learned from `given`; None if not, or if the file is missing or damaged."""
    try:
        arrays, learned_from = _read(path)
    except (OSError, SafetensorError):
        return None
    return arrays if learned_from == given else None


def load_weights(path: str | Path) -> dict[str, Array]:
    """Arrays of a file. Raises `StageError` for one that is missing or damaged."""
    try:
        return _read(path)[0]
    except (OSError, SafetensorError) as error:
        raise StageError(
            Reason.FILE_CORRUPT, f"{path} holds no weights: {error}", remedy="train again, or copy the folder again"
        ) from error


def _read(path: str | Path) -> tuple[dict[str, Array], str | None]:
    """Arrays of a file, and the digest of what they were learned from."""
    with safe_open(str(path), framework="numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, it is no mapping
        return arrays, (file.metadata() or {}).get("given")


def below(prefix: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}
