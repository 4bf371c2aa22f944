"""Networks from motion to muscle activity: one contract (`network`), one file per network, one table (`registry`).

The five networks of Table 2 of the Muscles in Time paper with the structure of the authors' public code
(simplexsigil/motion2muscle, e440c8c8), and our own (`ours`).
"""
