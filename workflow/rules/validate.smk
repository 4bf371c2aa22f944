# A sequence is read in full once, checked field by field, and written in one clean form.

SETTINGS["validate"] = dict(
    tables=resource_tables("bvh_joints"),
    config=section("validate_input"),
    human=section("human"),
    method=METHOD_VERSION["validate"],
    packages=versions_of("validate"),
)
