# OpenSim's inverse dynamics judges the solution, independently of the solver.

SETTINGS["verify"] = dict(
    tables=resource_tables("coordinate_ranges_paths"),
    config=section("verify"),
    method=METHOD_VERSION["verify"],
    packages=versions_of("verify"),
)
