"""Trajectory optimization: skeleton, contact, muscles, transcription and the ladder of attempts (CasADi)."""
