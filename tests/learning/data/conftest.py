"""A dataset and a release that the stages themselves have written, as the tests of the reader have them."""

from __future__ import annotations

from tests.reader.conftest import built

__all__ = ["built"]
