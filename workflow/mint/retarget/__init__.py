"""Motion of a skeleton put on a body in SMPL-H format: joint angles, legs that reach, feet that stand still."""
