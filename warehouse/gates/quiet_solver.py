"""Opens the solver of linear programs: silent, and with the same answer on every machine."""

from __future__ import annotations

from typing import Any


def open_solver() -> Any:
    """A solver with one thread, without its banner, which would stand before a command's answer."""
    import highspy

    class Quiet(highspy.Highs):
        def __init__(self) -> None:
            # Skips the constructor of Highs: it switches callbacks on, and that prints.
            super(highspy.Highs, self).__init__()

    solver = Quiet()
    for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 0)):
        if solver.setOptionValue(option, value) == highspy.HighsStatus.kError:
            raise RuntimeError(f"the solver does not take the option {option}")
    return solver
