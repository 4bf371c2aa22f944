"""How long the work of a trajectory takes, and how far beyond that guards of seconds are."""

from __future__ import annotations

# A million iterations times unknowns takes so long on one idle core of 2023 with MUMPS [s]; compiled equations.
SECONDS_PER_WORK = 10.0
# A guard of seconds is at least so many times what the work takes on that core, ten times what it takes on one that is
# half as fast or shared: it ends what hangs, and decides nothing.
GUARD = 20.0
