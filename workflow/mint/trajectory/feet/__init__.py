"""What is known of feet and floor before anything is solved: guiding forces, those of plates, the height of the pelvis.

May import `mesh`, and what is below it: `model`, `muscles`, `compiled`. Knows no solver.
"""
