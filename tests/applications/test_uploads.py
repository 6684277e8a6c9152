"""Files are what their content says; the reason for a refusal stands next to the field."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from services.applications import uploads
from services.applications.domain import Uploads
from services.applications.worker import create_worker, tidy
from shared.clock import SetClock
from shared.service import Service
from shared.worker import settle
from tests.applications.people import FORM, Resident, pdf, picture

New = Callable[..., Resident]
RULES: Final = Uploads()
sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def kept_files(applications: Service) -> list[Path]:
    return [path for path in applications.settings.files_dir.rglob("*") if path.is_file()]


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 30,000 × 30,000."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def nested_pdf() -> bytes:
    return b"%PDF-1.7\n" + b"<<" * 20_000 + b"\ntrailer << /Root 1 0 R >>\n%%EOF"


REFUSED: Final = {
    "empty": ("leer.pdf", b"", uploads.Empty, "ist leer"),
    "text": ("brief.pdf", b"Sehr geehrte Damen und Herren", uploads.WrongKind, "kein PDF"),
    "script": ("foto.jpg", b"<script>alert(1)</script>", uploads.WrongKind, "kein PDF"),
    "program": ("rechnung.pdf.exe", b"MZ" + b"\0" * 100, uploads.WrongKind, "kein PDF"),
    "half a picture": ("foto.png", picture()[:40], uploads.Broken, "nicht öffnen"),
    "half a pdf": ("plan.pdf", b"%PDF-1.7\n" + b"\0" * 200, uploads.Broken, "nicht öffnen"),
    "nested pdf": ("tief.pdf", nested_pdf(), uploads.Broken, "nicht öffnen"),
    "locked": ("geheim.pdf", pdf(password="x"), uploads.Locked, "Passwort"),
    "long pdf": ("buch.pdf", pdf(pages=501), uploads.TooManyPages, "zu viele Seiten"),
    "bomb": ("riesig.png", bomb(), uploads.TooManyPixels, "zu viele Bildpunkte"),
    "too large": ("gross.pdf", pdf() + b"\0" * RULES.bytes_each, uploads.TooLarge, "zu groß"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_as_pdf_or_photo_is_refused_for_its_own_reason(case: str) -> None:
    name, content, reason, _ = REFUSED[case]
    with pytest.raises(reason):
        uploads.check(name, content, RULES)


@sqlite
async def test_every_refusal_says_why_next_to_the_field_and_keeps_nothing(
    applications: Service, resident: New
) -> None:
    someone = resident()
    await someone.begin()
    for name, content, _, sentence in REFUSED.values():
        answer = await someone.upload((name, content))
        assert answer.status_code == 422
        said = answer.text.split('id="files-error"')[1].split("</p>")[0]
        assert sentence in said and name in said
    assert kept_files(applications) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\x\\foto.png", "foto.png"),
        ("foto.php.png", "foto.php.png"),
        ("rechnung.pdf.exe", "rechnung.pdf.exe.png"),
        ("bild.jpg", "bild.jpg.png"),
        ('a"b<script>.png', "a_b_script_.png"),
        ("zeile\r\nSet-Cookie: x.png", "zeileSet-Cookie_ x.png"),
        ("\u202egnp.exe", "gnp.exe.png"),
        ("", "Datei.png"),
        ("....", "Datei.png"),
        ("صورة.png", "صورة.png"),
        ("x" * 300 + ".png", "x" * 116 + ".png"),
    ],
)
def test_a_name_is_only_for_people_and_says_the_true_kind_at_its_end(name: str, shown: str) -> None:
    assert uploads.check(name, picture(), RULES).name == shown


@pytest.mark.parametrize("content", [pdf(), picture("PNG"), picture("JPEG", (3000, 2000))])
def test_pdf_png_and_jpeg_are_taken(content: bytes) -> None:
    assert uploads.check("x", content, RULES).media_type in uploads.SUFFIXES


def test_a_photo_with_a_few_million_pixels_is_taken() -> None:
    out = BytesIO()
    Image.new("L", (6000, 4000)).save(out, "JPEG")
    assert uploads.check("foto.jpg", out.getvalue(), RULES).media_type == "image/jpeg"


async def test_a_kept_file_lies_under_a_random_name_and_comes_back_as_a_harmless_download(
    applications: Service, resident: New
) -> None:
    someone, stranger = resident(), resident()
    await someone.begin()
    await stranger.begin()
    answer = await someone.upload(("../Plan für مهرجان.pdf", pdf()))
    assert answer.headers["location"] == f"{FORM}/dateien"
    shown = await someone.get(f"{FORM}/dateien")
    href = shown.text.split(f'href="{FORM}/dateien/')[1].split('"')[0]
    [path] = kept_files(applications)
    assert len(path.name) == 64 and "Plan" not in str(path)
    download = await someone.get(f"{FORM}/dateien/{href}")
    assert download.content == pdf()
    assert download.headers["content-type"] == "application/pdf"
    assert download.headers["x-content-type-options"] == "nosniff"
    disposition = download.headers["content-disposition"]
    assert disposition.startswith("attachment;") and "%D9%85" in disposition
    assert (await stranger.get(f"{FORM}/dateien/{href}")).status_code == 404


async def test_a_removed_file_is_gone_from_the_disk_once_the_worker_ran(
    applications: Service, resident: New
) -> None:
    someone = resident()
    await someone.begin()
    await someone.upload(("plan.pdf", pdf()), ("foto.png", picture()))
    shown = await someone.get(f"{FORM}/dateien")
    one = shown.text.split('name="remove" value="')[1].split('"')[0]
    await someone.submit(f"{FORM}/dateien", {"remove": one})
    assert len(kept_files(applications)) == 2
    await settle(create_worker(applications))
    assert len(kept_files(applications)) == 1


@sqlite
async def test_the_same_file_twice_is_one_and_the_eleventh_is_too_many(
    applications: Service, resident: New
) -> None:
    someone = resident()
    await someone.begin()
    for _ in range(2):
        await someone.upload(("plan.pdf", pdf()))
    assert len(kept_files(applications)) == 1
    more = [(f"{n}.png", picture(size=(8, n))) for n in range(1, 12)]
    answer = await someone.upload(*more)
    assert answer.status_code == 422 and "Möglich sind 10 Dateien" in answer.text
    assert len(kept_files(applications)) == 10


@sqlite
async def test_bytes_that_a_crash_left_behind_are_swept_up_and_no_others(
    applications: Service, resident: New, clock: SetClock
) -> None:
    someone = resident()
    await someone.begin()
    await someone.upload(("plan.pdf", pdf()))
    folder = applications.settings.files_dir
    stray = uploads.locate(folder, uploads.keep(folder, b"left behind"))
    await tidy(applications)
    assert stray.exists()
    clock.forward(days=400)
    await tidy(applications)
    assert not stray.exists() and len(kept_files(applications)) == 1
