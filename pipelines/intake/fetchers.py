"""Makes the connector of a source's `fetch` in the configuration, with its secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines.config import Config
from pipelines.config.secret import key_secret, source_secret

if TYPE_CHECKING:
    from pydantic import SecretStr

    from connectors.fetch.fetcher import Fetcher


def fetcher_of(config: Config, source: str) -> Fetcher:
    """The connector of a source that has a `fetch`; it does not connect yet.

    Raises CannotFetch where a secret is missing.
    """
    from connectors.fetch.refused_login import RefusedLoginGuard

    fetch = config.sources[source].fetch
    assert fetch is not None
    secret = _reveal(source_secret(config, source))
    fetcher = fetch.make_fetcher(secret, _reveal(key_secret(config, source)))
    login = json.dumps([fetch.describe_login(), secret])
    return RefusedLoginGuard(fetcher, login)


def _reveal(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
