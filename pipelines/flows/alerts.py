"""Alerts through blocks of Prefect, by the names in the configuration. One that cannot be sent never fails the night."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from prefect.blocks.core import Block, UnknownBlockType
from prefect.blocks.notifications import SendgridEmail
from prefect.blocks.webhook import Webhook

if TYPE_CHECKING:
    from pipelines.nightly.config import Alerts

    from .nightly import Told


class NotSent(Exception):
    """An alert could not be sent; says why, without the secrets of the block."""


def send(settings: Alerts, told: Told, network: str) -> list[str]:
    """Send what the night has to tell; gives what could not be sent.

    The webhook hears of every night, so that its silence is a sign as well; mail comes only when somebody should act.
    """
    failures = []
    if settings.webhook_block:
        failures.append(_tried("webhook", settings.webhook_block, lambda name: _call(name, told, network)))
    if settings.email_block and told.is_alarming:
        failures.append(_tried("mail", settings.email_block, lambda name: _mail(name, settings, told, network)))
    return [failure for failure in failures if failure]


def _tried(what: str, block: str, do: Callable[[str], None]) -> str | None:
    try:
        do(block)
    except NotSent as error:
        return f"{what} by the block {block} not sent: {error}"
    except Exception as error:  # its text may hold the address, which is a secret
        return f"{what} by the block {block} not sent: {type(error).__name__}"
    return None


def _call(name: str, told: Told, network: str) -> None:
    block = _loaded("webhook", name)
    if not isinstance(block, Webhook):
        raise NotSent("the server has no webhook block of this name")
    answer = asyncio.run(block.call(told.payload | {"network": network}))
    if answer.is_error:
        raise NotSent(f"the receiver answered {answer.status_code}")


def _mail(name: str, settings: Alerts, told: Told, network: str) -> None:
    """By a mail server (a block of the package prefect-email), or by Sendgrid (a block of Prefect itself)."""
    to = settings.email_to
    subject = f"{network}: {told.kind}"
    body = "\n".join([told.message, "", *(f"- {severity}: {words}" for severity, words in told.alerts)])
    if isinstance(block := _loaded("sendgrid-email", name), SendgridEmail):
        block.to_emails = list(to)
        block.notify(body, subject)
        return
    server = _loaded("email-server-credentials", name)
    if server is None:
        raise NotSent(f"the server has no block email-server-credentials/{name} and none sendgrid-email/{name}")
    account = server.username if "@" in (server.username or "") else None  # many a relay of a hospital has no accounts
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, settings.email_from or account or to[0], ", ".join(to)
    mail.set_content(body)
    with server.get_server() as smtp:
        smtp.send_message(mail)


def _loaded(kind: str, name: str) -> Any:
    """The block of this kind and name; None where the server has none."""
    try:
        return Block.load(f"{kind}/{name}")
    except UnknownBlockType:
        package = {"email-server-credentials": "prefect-email"}.get(kind, "its package")
        raise NotSent(f"the block is of the kind {kind}; install {package} beside osteoconcord") from None
    except ValueError:
        return None
