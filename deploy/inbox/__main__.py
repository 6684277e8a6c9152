"""The mail catcher alone, for the compose stack: INBOX_FILE, INBOX_PORT, SMTP_PORT, HOST."""

import asyncio
import os
from pathlib import Path

import uvicorn

from deploy.inbox.catcher import listen
from deploy.inbox.pages import create_inbox
from deploy.inbox.store import Mails


async def main() -> None:
    host = os.environ.get("HOST", "127.0.0.1")
    mails = Mails(Path(os.environ.get("INBOX_FILE", "var/inbox.db")))
    smtp = await listen(mails, host=host, port=int(os.environ.get("SMTP_PORT", "1025")))
    app = create_inbox(mails, origin=os.environ.get("ORIGIN", "http://127.0.0.1:8000"))
    port = int(os.environ.get("INBOX_PORT", "8025"))
    try:
        await uvicorn.Server(uvicorn.Config(app, host=host, port=port)).serve()
    finally:
        smtp.close()
        mails.close()


if __name__ == "__main__":
    asyncio.run(main())
