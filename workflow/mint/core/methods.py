"""Version of each stage's method. Raise a number when the results of a stage change: Snakemake then computes
that stage and everything below it again, because rules carry the number as a parameter."""

METHOD_VERSION: dict[str, int] = {
    "demo_body": 1,
    "demo_motion": 2,
    "demo_babel": 1,
    "validate": 4,
    "body": 4,
    "markers": 1,
    "prepared_model": 2,
    "scale": 5,
    "muscle_paths": 3,
    "compile": 6,
    "ik": 6,
    "support": 5,
    "trajectory": 13,
    "verify": 4,
    "trunk": 6,
    "merge": 8,
    "dataset": 6,
    "opensim_model": 2,
    "opensim_trial": 2,
    "publish": 4,
    "drawing": 1,
    "figures": 1,
    "report": 7,
    "provenance": 2,
}
