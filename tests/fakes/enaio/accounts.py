"""Who may log in to the fake enaio: Basic or bearer, three wrong tries lock the account for good. Counts what was refused."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field


@dataclass
class Accounts:
    """One technical account; ``failures`` counts every refused login, locked or not."""

    user: str = "svc-lesen"
    password: str = "süß€geheim"
    failures: int = 0
    reading_allowed: bool = True
    tokens: set[str] = field(default_factory=set)

    @property
    def locked(self) -> bool:
        """Three wrong tries lock; the right password does not unlock."""
        return self.failures >= 3

    def admits(self, authorization: str | None) -> bool:
        """Whether a request with this header is let in; a refusal counts."""
        admitted = not self.locked and self._right(authorization or "")
        self.failures += not admitted
        return admitted

    def token(self, authorization: str | None) -> str | None:
        """A new bearer token for the right client credentials."""
        if not self.admits(authorization if (authorization or "").startswith("Basic ") else None):
            return None
        token = secrets.token_hex(8)
        self.tokens.add(token)
        return token

    def _right(self, authorization: str) -> bool:
        kind, _, rest = authorization.partition(" ")
        if kind == "Bearer":
            return rest in self.tokens
        try:
            pair = base64.b64decode(rest, validate=True).decode("utf-8")
        except ValueError:
            return False
        return kind == "Basic" and pair == f"{self.user}:{self.password}"
