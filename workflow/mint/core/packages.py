"""Which packages each stage computes with. Another version may give other results, so that what was made with it is
made again: rules carry the versions as a parameter, results of batches have them in their fingerprint."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version

# What the code of a stage imports (a test compares), by the names of distributions. Pydantic is left out: it checks
# settings, which are parameters themselves. Packages that these are built on come with them: wheels of NumPy and SciPy
# carry their BLAS.
PACKAGES: dict[str, tuple[str, ...]] = {
    "demo_body": ("numpy", "pandas", "scipy"),
    "demo_motion": ("numpy", "pandas", "scipy"),
    "demo_babel": ("numpy", "pandas", "scipy"),
    "validate": ("ezc3d", "numpy", "pandas", "scipy"),
    "body": ("ezc3d", "numpy", "pandas", "scipy", "smplx", "torch"),
    "markers": ("numpy", "pandas", "scipy", "smplx", "torch"),
    "measured": ("numpy", "pandas", "scipy"),
    "emg_scale": ("numpy",),
    "prepared_model": ("numpy", "opensim", "pandas"),
    "scale": ("daqp", "ezc3d", "numpy", "opensim", "pandas", "scipy"),
    "muscle_paths": ("numpy", "opensim", "pandas", "scipy"),
    "compile": ("casadi", "numpy"),
    "ik": ("daqp", "numpy", "opensim", "pandas", "scipy"),
    "support": ("numpy", "pandas"),
    "trajectory": ("casadi", "numpy", "pandas", "scipy"),
    "verify": ("numpy", "opensim", "pandas"),
    "trunk": ("clarabel", "daqp", "numpy", "opensim", "pandas", "scipy"),
    "merge": ("numpy", "pandas"),
    "compare": ("numpy", "opensim", "pandas", "scipy"),
    "dataset": ("numpy", "pandas", "pandera", "pyarrow"),
    "opensim_model": ("numpy", "opensim", "pandas"),
    "opensim_trial": ("numpy", "opensim", "pandas", "scipy"),
    "publish": ("jinja2", "mlcroissant", "numpy", "pandas", "pandera", "pyarrow"),
    "drawing": ("numpy", "opensim", "pandas", "scipy"),
    "figures": ("finch-clust", "hnne", "numpy", "pandas", "pandera", "plotly", "pyarrow", "scikit-learn", "tsfresh"),
    "report": (
        "finch-clust",
        "hnne",
        "jinja2",
        "numpy",
        "pandas",
        "pandera",
        "plotly",
        "pyarrow",
        "scikit-learn",
        "tsfresh",
    ),
    "provenance": ("numpy", "pandas", "pyarrow", "rocrate"),
    "refine_cycles": ("numpy", "pandas", "pandera", "pyarrow", "scipy"),
    "refine_fold": ("numpy", "safetensors", "scipy", "torch"),
    "features": ("ezc3d", "numpy", "pandas", "pandera", "pyarrow", "scipy", "torch"),
    "train": ("numpy", "pandas", "pandera", "pyarrow", "safetensors", "scipy", "torch"),
    "evaluate": ("numpy", "pandas", "pandera", "pyarrow", "safetensors", "scipy", "torch", "torchmetrics"),
    "finetune": ("ezc3d", "numpy", "pandas", "pandera", "pyarrow", "safetensors", "scipy", "torch", "torchmetrics"),
    "benchmark": (
        "jinja2",
        "numpy",
        "onnx",
        "pandas",
        "pandera",
        "plotly",
        "pyarrow",
        "safetensors",
        "scipy",
        "torch",
        "torchmetrics",
    ),
    "refine": ("jinja2", "numpy", "pandas", "pandera", "plotly", "pyarrow", "safetensors", "scipy", "torch"),
}
# Names under which a distribution is imported, where they are others.
IMPORT_NAMES = {"finch-clust": "finch", "scikit-learn": "sklearn"}
# What a linear solver of the trajectory stage needs beside CasADi; loaded as a library, not imported.
LINEAR_SOLVER_PACKAGES: dict[str, tuple[str, ...]] = {"mumps": (), "pardiso": ("mkl",)}


def versions_of(stage: str, further: Iterable[str] = ()) -> dict[str, str]:
    """Versions of the packages that a stage computes with, and of `further` ones; "" for one that is not installed.

    Of Python major and minor number: wheels of the others are built for each minor version, while patches leave what
    numbers are computed with as it is.
    """
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        **{name: _version(name) for name in sorted({*PACKAGES[stage], *further})},
    }


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
