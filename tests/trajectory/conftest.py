"""Kernels of the small models, interpreted (no compiler) unless a test asks for one.

CasADi is imported when a test asks for a kernel: pytest reads this file also in a process that imports OpenSim.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mint.trajectory.compiled.toolchain import Toolchain
    from mint.trajectory.mesh.blocks import Blocks
    from mint.trajectory.model.tree import Tree


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="session")
def kernels(cache: Path) -> Callable[[dict], tuple[Tree, Blocks]]:
    from mint.trajectory.compiled.toolchain import Toolchain
    from mint.trajectory.mesh.blocks import load_or_build
    from mint.trajectory.model.tree import build_tree

    interpreter = Toolchain((), "interpreter", 1)

    def make(record: dict, toolchain: Toolchain = interpreter) -> tuple[Tree, Blocks]:
        tree = build_tree(record)
        return tree, load_or_build(tree, cache, toolchain)

    return make


@pytest.fixture(scope="session")
def block(kernels: Callable[[dict], tuple[Tree, Blocks]]) -> tuple[Tree, Blocks]:
    from tests.trajectory import models

    return kernels(models.block())
