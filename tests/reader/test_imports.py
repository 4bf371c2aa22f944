"""Who only reads the dataset installs numpy, pandas and pyarrow."""

from __future__ import annotations

import json
import subprocess
import sys


def test_the_reader_imports_nothing_heavy() -> None:
    program = "import json, sys, mint.reader; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert {"mint", "numpy", "pandas", "pyarrow"} <= loaded
    assert not loaded & {
        "torch",
        "snakemake",
        "pydantic",
        "pandera",
        "scipy",
        "casadi",
        "opensim",
        "musint",
        "plotly",
        "yaml",
        "sklearn",
        "smplx",
    }
