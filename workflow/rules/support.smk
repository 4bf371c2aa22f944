# Feet on one level floor, or something the method cannot see? Decided before anything is solved.

SETTINGS["support"] = dict(
    tables=resource_tables("foot_roll", "step_force"),
    config=section("support"),
    # A frame rate below it explains no motion.
    slowest_hz=PROJECT.validate_input.min_frame_rate_hz,
    method=METHOD_VERSION["support"],
    packages=versions_of("support"),
)
