"""The command `bioqms`."""

__version__ = "0.1.0"
"""The version of all parts. pyproject.toml reads it here; dbt_project.yml repeats it."""
