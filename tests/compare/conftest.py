"""The leg model of the verification's tests."""

from tests.verify.conftest import dynamics, leg_model, standing_q

__all__ = ["dynamics", "leg_model", "standing_q"]
