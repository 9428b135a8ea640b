"""Submissions: frozen packages of figures, their states, replay and corrections."""
