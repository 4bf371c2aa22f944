"""What whoever is handed a project reads first."""

from __future__ import annotations

from pathlib import Path

from mint.core.atomic import write_text

_TEXT = """# OpenSim project

Made with OpenSim 4.6. Angles in degrees in `Kinematics`, forces in N, moments in N m, x forward, y up, z right.

| file | what |
|---|---|
| `OpenSimData/Model/{model}_legs_scaled.osim` | leg model as solved: 80 muscles, contact spheres |
| `OpenSimData/Model/{model}_legs_rigid_scaled.osim` | the same with rigid tendons, for static optimization |
| `OpenSimData/Model/{model}_whole_scaled.osim` | whole body with the muscles of the trunk |
| `OpenSimData/Model/*_actuators.xml`, `*_reserves.xml` | actuators for JointReaction, for StaticOptimization |
| `OpenSimData/Kinematics/<trial>.mot` | coordinates of both models, 250 rows a second |
| `OpenSimData/Dynamics/<trial>/kinematics_activations_<trial>.mot` | coordinates and activations, 50 rows a second |
| `.../forces_<trial>.mot`, `forces_whole_<trial>.mot` | muscles and actuators, leg and whole model |
| `.../kinetics_<trial>.mot`, `kinetics_whole_<trial>.mot` | net moments of joints, residuals at the pelvis |
| `.../GRF_resultant_<trial>.mot`, `.xml` | ground force of each foot; `GRF_<trial>` of each part of a foot |
| `.../activations_<trial>.sto`, `reserves_<trial>.sto` | activations, reserves of the leg muscles |
| `.../residuals_<trial>.sto` | what the pelvis lacks, and which frames are faded between two chunks |
| `.../states_<trial>.sto`, `states_whole_<trial>.sto` | all states of a model, which colour its muscles in the GUI |
| `.../setup_*_<trial>.xml` | set-ups of OpenSim's tools; `_whole`: on the whole model |
| `MarkerData/<trial>.trc` | markers that inverse kinematics followed |

In the GUI: open a model, load `Kinematics/<trial>.mot` as a motion, and associate `GRF_resultant_<trial>.mot` with it.
A trial of several chunks is faded where they meet, which accelerates the body: forces that nothing exerts stand in
`residuals_<trial>.sto`. Trials `<sequence>_c<chunk>` are single chunks as they were solved: take these for dynamics.
A set-up runs in its own folder:

    cd OpenSimData/Dynamics/<trial>
    python -c "import opensim; opensim.InverseDynamicsTool('setup_inverse_dynamics_<trial>.xml').run()"

or, where OpenSim itself is installed,

    opensim-cmd run-tool setup_inverse_dynamics_<trial>.xml

The contact forces of the models are switched off (`appliesForce` false), because the ground forces stand for them:
switch them on for forward simulations, and leave the ground forces out.
"""


def write_readme(project: Path, model: str) -> None:
    """Write `README.md` of a project."""
    write_text(project / "README.md", _TEXT.format(model=model))
