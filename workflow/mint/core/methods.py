"""Version of each stage's method. Raise a number when the results of a stage change: Snakemake then computes
that stage and everything below it again, because rules carry the number as a parameter."""

METHOD_VERSION: dict[str, int] = {
    "demo_body": 1,
    "demo_motion": 2,
    "demo_babel": 1,
    "validate": 3,
    "body": 4,
    "markers": 1,
    "prepared_model": 3,
    "scale": 6,
    "muscle_paths": 3,
    "compile": 7,
    "ik": 6,
    "support": 7,
    "trajectory": 14,
    "verify": 4,
    "trunk": 6,
    "merge": 7,
    "dataset": 5,
    "opensim_model": 1,
    "opensim_trial": 1,
    "publish": 3,
    "drawing": 1,
    "figures": 1,
    "report": 6,
    "provenance": 2,
}
