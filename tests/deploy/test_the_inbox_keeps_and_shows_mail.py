"""The mail catcher loses nothing, and a mail in it can do nothing."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from httpx import ASGITransport, AsyncClient

from deploy.inbox.catcher import listen
from deploy.inbox.pages import create_inbox
from deploy.inbox.store import Mails


@pytest.fixture
async def inbox(tmp_path: Path) -> AsyncIterator[AsyncClient]:
    mails = Mails(tmp_path / "inbox.db")
    server = await listen(mails, host="127.0.0.1", port=0)
    port = server.sockets[0].getsockname()[1]
    await aiosmtplib.send(_mail(), hostname="127.0.0.1", port=port)
    server.close()
    mails.close()
    again = Mails(tmp_path / "inbox.db")
    transport = ASGITransport(create_inbox(again, origin="http://127.0.0.1:8000"))
    async with AsyncClient(transport=transport, base_url="http://inbox") as client:
        yield client
    again.close()


async def test_a_mail_is_there_after_a_restart_with_its_links(inbox: AsyncClient) -> None:
    [mail] = (await inbox.get("/messages.json?to=ayse@example.org")).json()
    assert mail["subject"] == "Ihr Link – رابطك"
    assert mail["links"] == ["http://127.0.0.1:8000/mein/link/abc"]
    assert [part["name"] for part in mail["attachments"]] == ["bild.png", "plan.pdf"]
    assert (await inbox.get("/messages.json?to=somebody-else")).json() == []
    assert (await inbox.get(f"/messages.json?after={mail['id']}")).json() == []


async def test_the_list_and_the_mail_can_be_read(inbox: AsyncClient) -> None:
    assert "Ihr Link – رابطك" in (await inbox.get("/")).text
    page = (await inbox.get("/1")).text
    assert '<a href="http://127.0.0.1:8000/mein/link/abc">' in page
    assert "&lt;b&gt;" in page, "text is text"
    assert "sandbox=" in page


async def test_the_frame_runs_nothing_and_shows_its_own_picture(inbox: AsyncClient) -> None:
    frame = await inbox.get("/1/html")
    policy = frame.headers["Content-Security-Policy"]
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert 'src="/1/parts/0"' in frame.text
    assert (await inbox.get("/1/parts/0")).content == b"\x89PNG"


async def test_attachments_are_downloaded_never_shown(inbox: AsyncClient) -> None:
    plan = await inbox.get("/1/parts/1")
    assert plan.content == b"%PDF"
    assert plan.headers["Content-Disposition"].startswith("attachment")
    assert (await inbox.get("/1/parts/9")).status_code == 404
    assert (await inbox.get("/7")).status_code == 404
    assert "Subject:" in (await inbox.get("/1/raw")).text


def _mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "buero@example.org", "ayse@example.org"
    mail["Subject"] = "Ihr Link – رابطك"
    mail.set_content("Guten Tag <b>,\n\nhttp://127.0.0.1:8000/mein/link/abc.\n")
    mail.add_alternative('<head></head><img src="cid:bild"><script>x()</script>', subtype="html")
    mail.get_payload()[1].add_related(  # type: ignore[union-attr, index]
        b"\x89PNG", maintype="image", subtype="png", cid="<bild>", filename="bild.png"
    )
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="plan.pdf")
    return mail
