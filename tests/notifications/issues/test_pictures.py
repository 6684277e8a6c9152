"""Pictures: drawn anew, without what a camera wrote, and shown to anybody's mail program."""

import io
import struct
import zlib
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from services.notifications.domain.issue import IssueKind
from services.notifications.issues import commands, pictures
from shared.service import Service
from shared.web.access import Role
from tests.notifications.issues import desk
from tests.notifications.issues.desk import ARABIC, GERMAN
from tests.notifications.issues.writers import host, photo
from tests.notifications.office import Office
from tests.support.browser import Browser


def opened(drawn: pictures.Drawn) -> Image.Image:
    return Image.open(io.BytesIO(drawn.content))


def test_a_photo_loses_its_place_and_camera_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Kamera von Ada", 6
    exif.get_ifd(0x8825)[1] = "N"
    sent = photo(size=(4000, 2000), exif=exif.tobytes(), comment=b"Adas Garten")
    assert b"Kamera von Ada" in sent and b"Adas Garten" in sent
    drawn = pictures.draw(sent)
    assert drawn.media_type == "image/jpeg"
    assert (drawn.width, drawn.height) == (1200, 2400)
    assert b"Exif" not in drawn.content
    assert b"Ada" not in drawn.content
    assert not opened(drawn).getexif()
    assert drawn.sha256 == sha256(drawn.content).hexdigest()


def test_text_hidden_in_a_png_and_bytes_behind_its_end_are_gone() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "<script>alert(1)</script>")
    file = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(file, "PNG", pnginfo=info)
    drawn = pictures.draw(file.getvalue() + b"<script>alert(2)</script>")
    assert drawn.media_type == "image/png"
    assert b"script" not in drawn.content
    assert b"tEXt" not in drawn.content


def test_what_is_see_through_stays_so_and_webp_becomes_what_mail_programs_show() -> None:
    clear = pictures.draw(photo(kind="WEBP", clear=True, colour="#00800080", lossless=True))
    assert clear.media_type == "image/png"
    assert opened(clear).getpixel((0, 0)) == (0, 128, 0, 128)
    assert pictures.draw(photo(kind="WEBP")).media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", pictures.Empty),
        (b"\xff\xd8\xff" + b"x" * pictures.MOST_BYTES, pictures.TooLarge),
        (b"GIF89a" + b"x" * 50, pictures.WrongKind),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", pictures.WrongKind),
        (b"%PDF-1.7", pictures.WrongKind),
        (photo()[:400], pictures.Broken),
        (photo(kind="PNG")[:60], pictures.Broken),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", pictures.Broken),
    ],
)
def test_what_is_no_picture_is_refused_with_the_reason(
    content: bytes, why: type[pictures.Refused]
) -> None:
    with pytest.raises(why):
        pictures.draw(content)


@pytest.mark.parametrize("side", [7_000, 30_000])
def test_a_decompression_bomb_is_refused_before_it_takes_memory(side: int) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
    bomb += chunk(b"IDAT", zlib.compress(bytes(side * (side // 8 + 1)), 9)) + chunk(b"IEND", b"")
    assert len(bomb) < pictures.MOST_BYTES
    with pytest.raises(pictures.TooManyPixels):
        pictures.draw(bomb)


async def test_a_picture_is_hosted_under_what_it_holds_and_never_changes(
    notifications: Service, browser: Browser
) -> None:
    digest = await host(notifications)
    assert await host(notifications) == digest, "the same picture twice is one"
    answer = await browser.get(f"/bilder/{digest}", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert sha256(answer.content).hexdigest() == digest
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "public, max-age=86400"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    again = await browser.get(f"/bilder/{digest}", headers={"If-None-Match": f'"{digest}"'})
    assert (again.status_code, again.content) == (304, b"")


def _showing(*digests: str) -> tuple[str, str, str]:
    lines = [f"![Bank](/bilder/{digest})" for digest in digests]
    return (*GERMAN[:2], "\n\n".join([GERMAN[2], *lines]))


async def _throw_away(service: Service, issue_id: UUID) -> None:
    async with service.db.begin() as session:
        at = service.clock.now()
        await commands.delete(session, issue_id, version=1, by=desk.JANA, at=at)


async def _shown(browser: Browser, *digests: str) -> list[int]:
    return [(await browser.get(f"/bilder/{digest}")).status_code for digest in digests]


async def test_pictures_of_a_deleted_draft_go_with_it_unless_another_issue_names_them(
    notifications: Service, browser: Browser
) -> None:
    own, arab, linked, unnamed = [
        await host(notifications, colour=colour) for colour in ("red", "blue", "green", "white")
    ]
    arabic = (*ARABIC[:2], f"![](/bilder/{arab} 'Schmuck')")
    gone = await desk.draft(notifications, texts={"de": _showing(own, linked), "ar": arabic})
    links = (*GERMAN[:2], f"[Das Bild](https://stadtteil.example/bilder/{linked})")
    kept = await desk.draft(notifications, IssueKind.PRESS, texts={"de": links})
    await _throw_away(notifications, gone)
    assert await _shown(browser, own, arab, linked, unnamed) == [404, 404, 200, 200]
    await _throw_away(notifications, kept)
    assert await _shown(browser, linked, unnamed) == [404, 200]


async def test_pictures_of_an_issue_taken_back_are_seen_no_more_once_nothing_public_needs_them(
    office: Office, notifications: Service, browser: Browser, signed_in: Callable[..., Any]
) -> None:
    words = "Seine Bilder sind dann auch in den E-Mails nicht mehr zu sehen."
    await desk.enrol_many(notifications, 1)
    digest = await host(notifications)
    plain, first, second = [
        await desk.draft(notifications, texts={"de": text})
        for text in (GERMAN, _showing(digest), _showing(digest))
    ]
    for issue_id in (plain, first, second):
        await desk.start(notifications, issue_id)
    await office.listen_to_itself()
    async with signed_in(Role.OFFICE) as jana:
        for issue_id, told, then in ((plain, False, 200), (first, False, 200), (second, True, 404)):
            path = f"/rundbriefe/{issue_id}/entfernen"
            assert (words in (await jana.get(path)).text) is told
            assert (await jana.submit(path)).status_code == 303
            assert await _shown(browser, digest) == [then]


@pytest.mark.parametrize("name", ["0" * 64, "nicht-da", "..%2f..%2fetc%2fpasswd", "A" * 64])
async def test_there_is_no_picture_under_another_name(browser: Browser, name: str) -> None:
    assert (await browser.get(f"/bilder/{name}")).status_code == 404
