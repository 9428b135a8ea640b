"""What stops a parcel on its way out."""

from __future__ import annotations


class CannotDispatch(Exception):
    """The parcel did not go out; making the same parcel again goes on where it stopped.

    ``rule`` is the code used in logs, ``message`` a German sentence with what to do, free of names
    and secrets.
    """

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.message = message
