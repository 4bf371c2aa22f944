"""Reading a dataset or a release: tables of a sequence, and windows free of gaps at any frame rate.

Needs numpy, pandas and pyarrow only.
"""

from mint.reader.reader import MintReader
from mint.reader.windows import DataWindow, Windows

__all__ = ["DataWindow", "MintReader", "Windows"]
