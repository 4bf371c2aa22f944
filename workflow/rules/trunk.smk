# Static optimization of the trunk under the predicted ground forces.


# Tables of coordinates are looked at in this order until one fits the model.
TRUNK_COORDINATES = {
    "pose2sim": ["trunk_coordinates_pose2sim"],
    "full402": ["trunk_coordinates_pose2sim", "trunk_coordinates_full402"],
}[PROJECT.model]
TRUNK_MOTION = ["leg_coordinates", "lumbar_shares", "muscles_402"]

SETTINGS["trunk"] = dict(
    tables=resource_tables(
        *(
            TRUNK_COORDINATES
            if PROJECT.trunk.coordinate_table == "auto"
            else [PROJECT.trunk.coordinate_table]
        ),
        *TRUNK_MOTION,
        "contact_spheres",
    ),
    config=section("trunk"),
    method=METHOD_VERSION["trunk"],
    packages=versions_of("trunk"),
)
