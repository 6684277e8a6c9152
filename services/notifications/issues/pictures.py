"""Pictures in issues: drawn anew by us, so that nothing a camera or a stranger wrote into the file stays."""

import io
import re
import struct
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from PIL import Image, UnidentifiedImageError
from sqlalchemy import delete, exists, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.domain.issue import Issue, IssueText, Picture
from services.notifications.issues.archive import REMOVED
from services.notifications.issues.markdown import Size
from services.notifications.issues.places import pictures_named
from shared.store import insert

MOST_BYTES: Final = 8 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
WIDEST: Final = 1200
"""Twice what a mail shows: sharp on phones, and no more than they need."""
TALLEST: Final = 2400
LONGEST_ALT: Final = 300
QUALITY: Final = 82

READABLE: Final = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"RIFF": "WEBP"}
"""The first bytes of what we take; many mail programs show no WebP, so it is kept as one of the others."""

SPECIAL: Final = re.compile(r"([\\\[\]`*_<>!&])")

ORIENTATION: Final = 0x0112
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a photo upright, by the one tag of a camera that matters here."""

UNREADABLE: Final = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    TypeError,
    KeyError,
    struct.error,
)


class Refused(Exception):
    """A file we do not take; the class says why."""


class Empty(Refused):
    """Zero bytes: mostly a photo that was not yet on the phone."""


class TooLarge(Refused):
    """More bytes than we take."""


class WrongKind(Refused):
    """Neither JPEG nor PNG nor WebP, whatever it is called."""


class Broken(Refused):
    """It begins like a picture but cannot be read to its end."""


class TooManyPixels(Refused):
    """It would take more memory than reading it is worth."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A picture as it is hosted."""

    media_type: str
    width: int
    height: int
    content: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


def draw(content: bytes) -> Drawn:
    """The picture upright, at most 1200 pixels wide, in bytes of ours; raises a `Refused`.

    Takes CPU: about 150 ms for a photo of 12 million pixels.
    """
    if not content:
        raise Empty
    if len(content) > MOST_BYTES:
        raise TooLarge
    kind = next((kind for magic, kind in READABLE.items() if content.startswith(magic)), None)
    if kind is None:
        raise WrongKind
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=(kind,)) as image:
                return _drawn(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels from error
    except UNREADABLE as error:
        raise Broken from error


def _drawn(image: Image.Image) -> Drawn:
    if image.width * image.height > MOST_PIXELS:
        raise TooManyPixels
    image.draft("RGB", (WIDEST, TALLEST))
    said = image.getexif().get(ORIENTATION)
    turn = TURNS.get(said) if isinstance(said, int) else None
    upright = image if turn is None else image.transpose(turn)
    clear = "A" in upright.getbands() or "transparency" in upright.info
    flat = upright.convert("RGBA" if clear else "RGB")
    flat.thumbnail((WIDEST, TALLEST), Image.Resampling.LANCZOS)
    bare = Image.new(flat.mode, flat.size)
    bare.paste(flat)
    kind = "PNG" if clear or image.format == "PNG" else "JPEG"
    file = io.BytesIO()
    bare.save(file, kind, optimize=True, **({"quality": QUALITY} if kind == "JPEG" else {}))
    return Drawn(
        media_type=f"image/{kind.lower()}",
        width=bare.width,
        height=bare.height,
        content=file.getvalue(),
    )


async def keep(session: AsyncSession, drawn: Drawn, *, at: datetime) -> None:
    """Host it under its content's hash; the same picture twice is one."""
    row = insert(session, Picture).values(
        sha256=drawn.sha256,
        media_type=drawn.media_type,
        width=drawn.width,
        height=drawn.height,
        content=drawn.content,
        added_at=at,
    )
    await session.execute(row.on_conflict_do_nothing(index_elements=["sha256"]))


async def sizes(session: AsyncSession, wanted: Collection[str]) -> dict[str, Size]:
    """Of those of these pictures that we host, without their bytes."""
    if not wanted:
        return {}
    columns = select(Picture.sha256, Picture.width, Picture.height)
    rows = await session.execute(columns.where(Picture.sha256.in_(set(wanted))))
    return {row.sha256: Size(row.width, row.height) for row in rows}


async def only_in(session: AsyncSession, issue_id: UUID) -> list[str]:
    """Those that this issue names and no other does, except ones that were taken back."""
    bodies = await session.scalars(select(IssueText.body).where(IssueText.issue_id == issue_id))
    named = {digest for body in bodies for digest in pictures_named(body)}
    needed = exists().where(
        IssueText.issue_id != issue_id,
        IssueText.issue_id == Issue.id,
        IssueText.body.contains(literal("/bilder/") + Picture.sha256),
        ~REMOVED,
    )
    chosen = select(Picture.sha256).where(Picture.sha256.in_(named), ~needed)
    return list(await session.scalars(chosen))


async def drop(session: AsyncSession, issue_id: UUID) -> None:
    """What nobody but this issue needs is hosted no more."""
    gone = delete(Picture).where(Picture.sha256.in_(await only_in(session, issue_id)))
    await session.execute(gone, execution_options={"synchronize_session": False})


def line(digest: str, alt: str) -> str:
    """The Markdown that shows it; without words for it, it is marked as decoration."""
    words = SPECIAL.sub(r"\\\1", " ".join(alt.split()))
    return f"![{words}](/bilder/{digest})" if words else f'![](/bilder/{digest} "Schmuck")'
