"""Typed configuration: one file per section, all of it in `project`."""
