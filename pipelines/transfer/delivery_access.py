"""Reaches the delivery service of FIT-Connect as the configuration of a recipient says."""

from __future__ import annotations

from connectors.dispatch.fit_connect.access import Account, Destination
from connectors.dispatch.fit_connect.delivery_service import DeliveryService
from connectors.dispatch.fit_connect.http import DeliveryHttp
from pipelines.config.fit_connect import FitConnectDrop
from pipelines.config.secret import recipient_secret
from pipelines.hub import Hub


def reach_service(hub: Hub, recipient: str, drop: FitConnectDrop) -> DeliveryService:
    """The delivery service for the destination of a recipient, not yet asked anything."""
    secret = recipient_secret(hub.config, recipient)
    account = Account(
        url=drop.url,
        token_url=drop.token_url,
        client_id=drop.client_id,
        client_secret=secret.get_secret_value() if secret else None,
        ca_bundle=drop.ca_bundle,
        proxies={"https": drop.proxy} if drop.proxy else {},
    )
    return DeliveryService(DeliveryHttp(account), _describe_destination(drop))


def _describe_destination(drop: FitConnectDrop) -> Destination:
    return Destination(
        drop.destination,
        drop.encryption_key,
        drop.signing_key,
        drop.service,
        drop.service_name,
        drop.schema_uri,
    )
