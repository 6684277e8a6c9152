"""The SMTP side: takes every mail, sends none on."""

import asyncio
from functools import partial

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.inbox.store import Mails

LARGEST_MAIL = 35 * 1024 * 1024


class Catcher:
    """Says 250 once the mail is in the file."""

    def __init__(self, mails: Mails) -> None:
        self.mails = mails

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        self.mails.keep(envelope.mail_from or "", envelope.rcpt_tos, content)
        return "250 caught"


async def listen(mails: Mails, *, host: str, port: int) -> asyncio.Server:
    """Catches until the server is closed; OSError when the port is taken."""
    protocol = partial(
        SMTP,
        Catcher(mails),
        hostname="inbox",
        enable_SMTPUTF8=True,
        data_size_limit=LARGEST_MAIL,
        loop=asyncio.get_running_loop(),
    )
    return await asyncio.get_running_loop().create_server(protocol, host, port)
