# What was measured beside the motion: ground forces and EMG per sequence, largest EMG per person. Nothing that is
# simulated depends on it.


rule measured:
    input:
        validated=batch_record("validate"),
        body=batch_record("body"),
        files=measured_files,
    output:
        record=batch_record("measured"),
    log:
        batch_log("measured"),
    benchmark:
        batch_benchmark("measured")
    group:
        "motions"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 1500 * attempt,
        runtime=sequence_minutes(2),
    params:
        members=sequence_members(
            "forces_offset_s",
            "emg_offset_s",
            "emg_side",
            forces_path=present_file("forces_path"),
            emg_path=present_file("emg_path"),
            forces_missing=missing_file("forces_path"),
            emg_missing=missing_file("emg_path"),
        ),
        tables=resource_tables("emg_channels", "muscles_402"),
        config=section("measured"),
        limits=section("limits"),
        method=METHOD_VERSION["measured"],
        packages=versions_of("measured"),
    message:
        "Reading measured forces and EMG of {wildcards.batch}"
    script:
        "../scripts/measured.py"


rule emg_scale:
    input:
        measured=lambda w: sorted(
            {
                batch_record("measured", MOTION_BATCH[seq])
                for seq in sequences_by_subject()[w.subject]
            }
        ),
    output:
        bundle=f"{SUBJECT}/emg.npz",
    log:
        f"{RESULTS}/logs/emg_scale/{{subject}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/emg_scale/{{subject}}.tsv"
    group:
        "subject"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        attempt=lambda w, attempt: attempt,
        mem_mb=lambda w, attempt: 1000 * attempt,
        runtime=lambda w, attempt: 20 * attempt,
    params:
        members=lambda w: [
            {
                "name": w.subject,
                "folder": f"subjects/{w.subject}",
                "measured": [
                    f"{RESULTS}/sequences/{seq}/measured.npz"
                    for seq in sequences_by_subject()[w.subject]
                ],
                "given": given_maxima(w.subject),
            }
        ],
        limits=section("limits"),
        method=METHOD_VERSION["emg_scale"],
        packages=versions_of("emg_scale"),
    message:
        "Finding the largest EMG of subject {wildcards.subject}"
    script:
        "../scripts/emg_scale.py"
