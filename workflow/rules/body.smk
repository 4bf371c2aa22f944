# The body: mass, stature, ground and the heights of its parts per sequence; virtual markers per chunk.

SETTINGS["body"] = dict(
    config=section("body"),
    human=section("human"),
    method=METHOD_VERSION["body"],
    packages=versions_of("body"),
)

SETTINGS["markers"] = dict(
    margin_frames=PROJECT.kinematics.margin_frames,
    config=section("body"),
    method=METHOD_VERSION["markers"],
    packages=versions_of("markers"),
)
