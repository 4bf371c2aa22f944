"""Names from tables and files become path parts only after this."""

from __future__ import annotations

import re

_ALLOWED = re.compile(r"[^A-Za-z0-9_\-]+")
MAX_LENGTH = 120


def sanitized(name: str) -> str:
    """A name safe as one path part: letters, digits, `_` and `-`; never empty, hidden or `..`.

    Raises ValueError if nothing is left of the name.
    """
    clean = _ALLOWED.sub("_", name.strip()).strip("_-.")[:MAX_LENGTH]
    if not clean:
        raise ValueError(f"no usable character in name {name!r}")
    return clean
