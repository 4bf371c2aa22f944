"""Functions as machine code: C for CasADi's expressions, the compiler of this machine, and answers at the last point.

Knows neither bodies nor programs, and imports no other room.
"""
