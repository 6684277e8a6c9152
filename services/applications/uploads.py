"""Files people hand in: checked by what is in them, never by their name, and kept under a random one."""

import io
import re
import secrets
import unicodedata
import warnings
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

from PIL import Image, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from services.applications.domain import Uploads

SUFFIXES: Final = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
"""The kinds we take, and the ending the name is given for download."""


class Refused(Exception):
    """A file we do not take; the class says why, `name` which one."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Empty(Refused):
    """Zero bytes: mostly a photo that was not yet on the phone."""


class TooLarge(Refused):
    """More bytes than the fund's rules allow."""


class WrongKind(Refused):
    """Neither a PDF nor a JPEG nor a PNG, whatever it is called."""


class Broken(Refused):
    """It begins like a file we take but cannot be read to its end."""


class Locked(Refused):
    """A PDF with a password: nobody in the office could open it."""


class TooManyPixels(Refused):
    """A picture that would take more memory than reading it is worth."""


class TooManyPages(Refused):
    """A PDF nobody would read."""


class TooMany(Refused):
    """As many files as the fund's rules allow are already here."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A file whose contents were read to the end and are what `media_type` says."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


def check(name: str, content: bytes, rules: Uploads) -> Checked:
    """Read the file as what it claims by its first bytes; raises a `Refused` with the reason."""
    shown = display_name(name)
    if not content:
        raise Empty(shown)
    if len(content) > rules.bytes_each:
        raise TooLarge(shown)
    for magic, read in READERS.items():
        if content.startswith(magic):
            media_type = read(shown, content, rules)
            return Checked(
                name=_with_suffix(shown, media_type), media_type=media_type, content=content
            )
    raise WrongKind(shown)


def _read_pdf(name: str, content: bytes, rules: Uploads) -> str:
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise Locked(name)
        pages = len(reader.pages)
        if pages:
            reader.pages[0].mediabox  # noqa: B018 - a page tree that leads nowhere fails here
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Broken(name) from error
    if not pages:
        raise Broken(name)
    if pages > rules.pages_each:
        raise TooManyPages(name)
    return "application/pdf"


def _read_image(name: str, content: bytes, rules: Uploads) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
                kind, pixels = image.format, image.width * image.height
                if pixels > rules.pixels_each:
                    raise TooManyPixels(name)
                image.verify()
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
                image.draft("L", (64, 64))
                image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels(name) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Broken(name) from error
    return "image/png" if kind == "PNG" else "image/jpeg"


READERS: Final[dict[bytes, Callable[[str, bytes, Uploads], str]]] = {
    b"%PDF-": _read_pdf,
    b"\xff\xd8\xff": _read_image,
    b"\x89PNG\r\n\x1a\n": _read_image,
}
"""The first bytes we know, and who reads the rest."""


def display_name(name: str) -> str:
    """The last part of the name, without anything a screen or a header could stumble over."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(
        char for char in unicodedata.normalize("NFC", last) if unicodedata.category(char)[0] != "C"
    )
    words = re.sub(r"\s+", " ", re.sub(r'[<>:"/|?*;%]', "_", plain)).strip(" .")
    return _shorten(words) or "Datei"


def _shorten(name: str, limit: int = 120) -> str:
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix[:10]
    return name if len(name) <= limit else stem[: limit - len(suffix)] + suffix


def _with_suffix(name: str, media_type: str) -> str:
    """`rechnung.pdf.exe` that is a JPEG becomes `rechnung.pdf.exe.jpg`: the true ending comes last."""
    true = SUFFIXES[media_type]
    same = {".jpg": (".jpg", ".jpeg")}.get(true, (true,))
    return name if name.lower().endswith(same) else name + true


def keep(folder: Path, content: bytes) -> str:
    """Write under a name of 256 random bits that no client chose; returns that name."""
    stored_as = secrets.token_hex(32)
    path = locate(folder, stored_as)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("xb") as file:
        path.chmod(0o600)
        file.write(content)
    return stored_as


def locate(folder: Path, stored_as: str) -> Path:
    """Where a kept file lies; raises for anything that is not a name we gave."""
    if not re.fullmatch(r"[0-9a-f]{64}", stored_as):
        raise ValueError("not a stored name")
    return folder / stored_as[:2] / stored_as


def remove(folder: Path, stored_as: str) -> None:
    """Delete the bytes; deleting twice does no harm."""
    locate(folder, stored_as).unlink(missing_ok=True)


def remove_unknown(folder: Path, *, known: Collection[str], before: datetime) -> int:
    """Delete kept bytes older than `before` that no row knows; returns how many there were."""
    strays = [
        path
        for path in folder.glob("[0-9a-f][0-9a-f]/*")
        if path.name not in known and path.stat().st_mtime < before.timestamp()
    ]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)
