"""A bare `pytest` works although OpenSim and CasADi cannot be imported in one process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import APART, ENVIRONMENT, ROOT


def collected(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "--verbosity=1", *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


ONE_TEST = "<ChildProcess in_a_process_of_their_own>"


@pytest.mark.parametrize(
    "arguments", [[], ["tests/kinematics_scale", "tests/trajectory"], ["tests/trajectory", "tests/kinematics_scale"]]
)
def test_with_others_the_tests_of_the_trajectory_are_one_test_in_a_process_of_their_own(arguments: list[str]) -> None:
    text = collected(*arguments)
    assert text.count(ONE_TEST) == 1 and "test_contact.py" not in text and "test_determined.py" in text


def test_a_file_of_them_beside_others_is_refused_with_what_to_do() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "tests/batch", "tests/trajectory/test_mesh.py"],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0 and "call pytest for these alone" in done.stdout + done.stderr


def test_alone_they_are_collected_as_they_are() -> None:
    text = collected("tests/trajectory")
    assert ONE_TEST not in text and "test_contact.py" in text


def test_what_fails_there_fails_here() -> None:
    code = (
        "import sys, pytest\nfrom pathlib import Path\nfrom tests.conftest import ChildProcess\n"
        "item = object.__new__(ChildProcess); item.path = Path(sys.argv[1])\n"
        "try:\n    item.runtest()\nexcept pytest.fail.Exception as error:\n    print('FAILED', error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(APART / "there_is_no_such_test.py")],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "FAILED" in done.stdout and "there_is_no_such_test.py" in done.stdout
