# The model made ready; then, once per subject: scaled model, leg model, polynomials of its muscle-tendon lengths.


MODEL_TABLES = resource_tables(f"coordinates_{PROJECT.model}", "leg_coordinates")
# What the leg model takes from tables; the spheres where the model has none of its own.
LEG_TABLES = resource_tables(
    "lumbar_shares",
    "muscles_402",
    *(["contact_spheres"] if PROJECT.model == "full402" else []),
)


rule prepared_model:
    input:
        model=f"{RESULTS}/inputs/models/{PROJECT.model}.osim",
    output:
        osim=MODEL_FILE,
    log:
        f"{RESULTS}/logs/prepared_model.log",
    benchmark:
        f"{RESULTS}/benchmarks/prepared_model.tsv"
    group:
        "model"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=10,
    params:
        tables=resource_tables(
            "leg_muscle_reference",
            "trunk_muscle_reference",
            "trunk_mass_centres",
            "muscles_402",
        ),
        method=METHOD_VERSION["prepared_model"],
        packages=versions_of("prepared_model"),
    message:
        "Bringing the leg muscles of the model to their published range"
    script:
        "../scripts/prepared_model.py"


rule scale:
    input:
        model=MODEL_FILE,
        bodies=lambda w: sorted(
            {
                batch_record("body", MOTION_BATCH[seq])
                for seq in SUBJECTS[w.subject]["shape_from"]
            }
        ),
        validated=lambda w: sorted(
            {batch_record("validate", MOTION_BATCH[seq]) for seq in registered_from(w)}
        ),
        static=lambda w: SUBJECTS[w.subject]["static_path"] or [],
        video=lambda w: (
            f"{RESULTS}/inputs/video_places.csv"
            if is_registered(SUBJECTS[w.subject])
            else []
        ),
    output:
        bundle=f"{SUBJECT}/scale.npz",
        scaled=f"{SUBJECT}/scaled.osim",
        leg=f"{SUBJECT}/leg.osim",
        leg_json=f"{SUBJECT}/leg_model.json",
        marker_set=f"{SUBJECT}/marker_set.csv",
    log:
        f"{RESULTS}/logs/scale/{{subject}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/scale/{{subject}}.tsv"
    group:
        "subject"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 2000 * attempt,
        runtime=lambda w, attempt: 20 * attempt,
    params:
        tables=lambda w: (
            marker_set_tables(w.subject)
            | MODEL_TABLES
            | LEG_TABLES
            | (LANDMARKS if is_registered(SUBJECTS[w.subject]) else {})
        ),
        members=lambda w: [
            {
                "name": w.subject,
                "folder": f"subjects/{w.subject}",
                "bodies": [
                    f"{RESULTS}/sequences/{seq}/body.npz"
                    for seq in SUBJECTS[w.subject]["shape_from"]
                ],
                "validated": [
                    f"{RESULTS}/sequences/{seq}/validated.npz"
                    for seq in registered_from(w)
                ],
            }
        ],
        model=PROJECT.model,
        marker_set=lambda w: SUBJECTS[w.subject]["marker_set"],
        up_axis=PROJECT.validate_input.trc_up_axis,
        subject=lambda w: SUBJECTS[w.subject]["subject"],
        mass_kg=lambda w: SUBJECTS[w.subject]["mass_kg"],
        # Only registration asks for it.
        height_m=lambda w: (
            SUBJECTS[w.subject]["height_m"]
            if is_registered(SUBJECTS[w.subject])
            else None
        ),
        adjustments=lambda w: ADJUSTMENTS.get(w.subject, []),
        config=section("kinematics"),
        human=section("human"),
        limits=section("limits"),
        method=METHOD_VERSION["scale"],
        packages=versions_of("scale"),
    message:
        "Scaling the model to subject {wildcards.subject}"
    script:
        "../scripts/scale.py"


rule muscle_paths:
    input:
        scale=rules.scale.output.bundle,
        leg=rules.scale.output.leg,
    output:
        bundle=f"{SUBJECT}/muscle_paths.npz",
    log:
        f"{RESULTS}/logs/muscle_paths/{{subject}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/muscle_paths/{{subject}}.tsv"
    group:
        "subject"
    conda:
        "../../envs/opensim.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 2000 * attempt,
        runtime=lambda w, attempt: 20 * attempt,
    params:
        tables=resource_tables(
            "coordinate_ranges_paths", "muscle_path_degrees", "muscles_402"
        ),
        members=lambda w: [{"name": w.subject, "folder": f"subjects/{w.subject}"}],
        config=section("muscle_paths"),
        limits=section("limits"),
        method=METHOD_VERSION["muscle_paths"],
        packages=versions_of("muscle_paths"),
    message:
        "Fitting the muscle paths of subject {wildcards.subject}"
    script:
        "../scripts/muscle_paths.py"
