# Inverse kinematics, chunk by chunk, with a margin that the filter needs.

SETTINGS["ik"] = dict(
    tables=MODEL_TABLES,
    config=section("kinematics"),
    method=METHOD_VERSION["ik"],
    packages=versions_of("ik"),
)
