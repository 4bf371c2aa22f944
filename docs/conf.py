"""Sphinx: `make docs` builds this folder into `site/`."""

import sys
from pathlib import Path

import mint

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "mint"
author = "the mint authors"
copyright = "the mint authors, Apache-2.0"
version = release = mint.__version__

extensions = [
    "generated",
    "mathml",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
    "sphinx_design",
]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 4
nitpicky = True

# OpenSim and CasADi cannot share a process, and nothing of them or of torch is needed to describe functions.
autodoc_mock_imports = ["opensim", "casadi", "torch"]
autodoc_typehints = "description"
autodoc_member_order = "bysource"
default_role = "code"
nitpick_ignore_regex = [("py:.*", r"(?!mint\.).*")]

templates_path: list[str] = []
exclude_patterns = ["_ext"]
html_theme = "furo"
html_math_renderer = "mathml"
html_title = "mint"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True
# Pages of publishers that answer programs with an error although people can read them.
linkcheck_ignore = [r"https://doi\.org/.*"]
