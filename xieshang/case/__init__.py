"""The case: what a person tells, what follows from it in figures, how it is asked."""
