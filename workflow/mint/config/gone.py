"""Keys of section `trajectory` that were settings once, and what stands for each: who still has one is told."""

from __future__ import annotations

_FOLLOWS_VERIFY = {
    "max_deviation_deg": "tracking_max_deg",
    "accept_rms_deg": "tracking_rms_deg",
    "accept_rms_m": "tracking_rms_m",
    "penetration_soft_m": "penetration_m",
    "penetration_max_m": "penetration_m",
    "reserve_percent": "reserve_percent",
    "joint_reserve_percent": "reserve_percent",
    "joint_reserve_limit_percent": "reserve_percent",
    "reserve_unit_percent": "reserve_percent",
    "reserve_base_Nm": "reserve_base_Nm",
}
_FOLLOWS_TOLERANCE = ("complementarity", "barrier_target", "easy_gradient")
_CONSTANT = {
    "attempts/diagnosis.py": (
        "suspect_sink_m",
        "suspect_float_m",
        "suspect_support_bw",
        "suspect_support_nodes",
        "suspect_knee_deg",
        "suspect_acceleration_rad_s2",
        "suspect_marker_m",
    ),
    "attempts/legs.py": (
        "joint_guess_reserve_factor",
        "joint_guess_iterations",
        "joint_grace_error",
        "easy_lack_percent",
    ),
    "attempts/work.py": ("barrier", "easy_barrier"),
    "problems/skeleton.py": (
        "pelvis_x_range_m",
        "moment_scale",
        "force_scale_bw",
        "passive_scale",
        "penetration_unit_m",
    ),
    "problems/muscles.py": ("activation_weight",),
    "solvers/least_squares.py": ("least_squares_outer", "least_squares_inner"),
    "solvers/linear_solver.py": ("mumps_pivot_order", "mumps_scaling"),
}

# Of attempts at a motion alone, with limits that were met by weights raised step by step, and then at its muscles.
_STAGED = (
    "formulation",
    "hold_rounds",
    "hold_power",
    "hold_from",
    "hold_factor",
    "accept_excess",
    "least_squares_iterations",
    "polish_iterations",
    "fallback_iterations",
    "reserve_homotopy",
)

# What became of a key.
GONE = (
    {key: f"follows verify.{limit}" for key, limit in _FOLLOWS_VERIFY.items()}
    | {key: "follows trajectory.tolerance" for key in _FOLLOWS_TOLERANCE}
    | {key: f"a constant of workflow/mint/trajectory/{module}" for module, keys in _CONSTANT.items() for key in keys}
    | {key: "motion and muscles are solved for together; the staged formulation is gone" for key in _STAGED}
    | {"max_iterations": "every kind of attempt has a limit of its own (rough_iterations, joint_iterations ...)"}
)
