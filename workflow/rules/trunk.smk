# Static optimization of the trunk under the predicted ground forces. It does not ask for the verdict of verification,
# so that another threshold there does not compute trunks again.


# Tables of coordinates are looked at in this order until one fits the model.
TRUNK_COORDINATES = {
    "pose2sim": ["trunk_coordinates_pose2sim"],
    "full402": ["trunk_coordinates_pose2sim", "trunk_coordinates_full402"],
}[PROJECT.model]
TRUNK_MOTION = ["leg_coordinates", "lumbar_shares", "muscles_402"]


rule trunk:
    input:
        trajectory=batch_record("trajectory"),
        ik=first_pass_records("ik"),
        scaled=subject_file("scaled.osim"),
    output:
        record=batch_record("trunk"),
    log:
        batch_log("trunk"),
    benchmark:
        batch_benchmark("trunk")
    group:
        "chunks"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 2000 * attempt,
        runtime=chunk_minutes(0.2),
    params:
        tables=resource_tables(
            *(
                TRUNK_COORDINATES
                if PROJECT.trunk.coordinate_table == "auto"
                else [PROJECT.trunk.coordinate_table]
            ),
            *TRUNK_MOTION,
            "contact_spheres",
        ),
        members=chunk_members(files=("ik",)),
        config=section("trunk"),
        limits=section("limits"),
        method=METHOD_VERSION["trunk"],
        packages=versions_of("trunk"),
    message:
        "Static optimization of the trunk for {wildcards.batch}"
    script:
        "../scripts/trunk.py"
