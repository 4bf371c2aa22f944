"""Names from tables and files become path parts only after this."""

from __future__ import annotations

import hashlib
import re

_ALLOWED = re.compile(r"[^A-Za-z0-9_\-]+")
MAX_LENGTH = 120
# 40 bits: among ten thousand names that look the same without their lost characters, two share a digest with a
# probability of 5e-5.
_DIGEST_LENGTH = 10


def sanitized(name: str) -> str:
    """A name safe as one path part: letters, digits, `_` and `-`; never empty, hidden or `..`.

    Names that differ stay different: where characters are lost, a short digest of the whole name is appended
    (`Müller` -> `M_ller-a7f…`). A safe name is returned as it is. Raises ValueError for a name without any usable
    character: nothing, white space or ASCII punctuation only.
    """
    text = name.strip()
    clean = _cleaned(text)
    if clean == text and len(text) <= MAX_LENGTH:
        if clean:
            return clean
        raise _unusable(name)
    if not clean and text.isascii():
        raise _unusable(name)
    return f"{(clean or 'name')[: MAX_LENGTH - _DIGEST_LENGTH - 1]}-{digest(text)}"


def readable(name: str) -> str:
    """A safe path part without a digest, for places where another rule keeps equal ones apart. Raises ValueError."""
    clean = _cleaned(name.strip())[:MAX_LENGTH]
    if not clean:
        raise _unusable(name)
    return clean


def digest(text: str) -> str:
    """A short hexadecimal digest of a text; halves of surrogate pairs (file names that are not UTF-8) count too."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LENGTH]


def _cleaned(text: str) -> str:
    return _ALLOWED.sub("_", text).strip("_-")


def _unusable(name: str) -> ValueError:
    return ValueError(f"no usable character in name {name!r}: use letters or digits")
