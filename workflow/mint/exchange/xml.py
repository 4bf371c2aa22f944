"""OpenSim's XML documents, written element by element."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from mint.core.atomic import write_text


def element(parent: ElementTree.Element, tag: str, text: object = "", **attributes: str) -> ElementTree.Element:
    """A child with a text; truth values as OpenSim spells them."""
    child = ElementTree.SubElement(parent, tag, attributes)
    child.text = str(text).lower() if isinstance(text, bool) else str(text)
    return child


def write_document(path: Path, root: ElementTree.Element) -> None:
    """Write a document atomically."""
    ElementTree.indent(root, "\t")
    text = ElementTree.tostring(root, encoding="unicode")
    write_text(path, f'<?xml version="1.0" encoding="UTF-8" ?>\n{text}\n')
