"""The addresses that the settings name, and with that all that this process may speak to (`adapters.egress`)."""

from urllib.parse import urlsplit

from adapters.egress import HUB, Egress
from assistant.settings import Settings


def egress_of(settings: Settings) -> Egress:
    """What the settings name: identity provider, mail server, webhooks, database, and the hub where that is allowed."""
    addresses = [settings.oidc_issuer, settings.database, *settings.webhook_addresses]
    addresses.append(f"//{settings.mail_server}" if settings.mail_server else None)
    hosts = {urlsplit(address).hostname for address in addresses if address}
    return Egress(frozenset(host for host in hosts if host), HUB if settings.allow_hub else ())
