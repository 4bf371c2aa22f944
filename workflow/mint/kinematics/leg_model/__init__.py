"""From trunk model to leg model: bodies, joints, torso, muscles, contact; coordinates of the one as those of the other.

May import `model`.
"""
