"""Kernels of the small models, interpreted (no compiler) unless a test asks for one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mint.trajectory.blocks import Blocks, load_or_build
from mint.trajectory.toolchain import Toolchain
from mint.trajectory.tree import Tree, build_tree
from tests.trajectory import models

INTERPRETER = Toolchain((), "interpreter", 1)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="session")
def kernels(cache: Path) -> Callable[[dict], tuple[Tree, Blocks]]:
    def make(record: dict, toolchain: Toolchain = INTERPRETER) -> tuple[Tree, Blocks]:
        tree = build_tree(record)
        return tree, load_or_build(tree, cache, toolchain)

    return make


@pytest.fixture(scope="session")
def block(kernels: Callable[[dict], tuple[Tree, Blocks]]) -> tuple[Tree, Blocks]:
    return kernels(models.block())
