"""Version of each stage's method. Raise a number when the results of a stage change: Snakemake then computes
that stage and everything below it again, because rules carry the number as a parameter."""

METHOD_VERSION: dict[str, int] = {
    "demo_body": 1,
    "demo_motion": 2,
    "demo_babel": 1,
    "validate": 3,
    "body": 3,
    "markers": 1,
    "prepared_model": 2,
    "scale": 3,
    "muscle_paths": 3,
    "compile": 6,
    "ik": 5,
    "support": 4,
    "trajectory": 13,
    "verify": 3,
    "trunk": 5,
    "merge": 6,
    "dataset": 4,
    "publish": 2,
    "drawing": 1,
    "figures": 1,
    "report": 5,
    "provenance": 2,
}
