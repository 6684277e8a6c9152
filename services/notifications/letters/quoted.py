"""Text in seven bits: bodies as quoted-printable, names as RFC 2047 wants them.

The standard library's `email` reads it all back and is the reference in the tests; writing with it
costs milliseconds a mail.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Final

ROOM: Final = 75
"""Of a body's line of 76: one place is left for a soft break."""
FOLD: Final = 76
"""A header's line with an encoded word in it must not be longer (RFC 2047)."""

SOFT: Final = b"=\r\n"
_WORD: Final = 39
"""Bytes in one encoded word: with `Subject: ` and what stands around them less than 76."""
_QUOTED: Final = 64
"""The longest name in quotes; they cannot be folded."""

_BREAKS: Final = re.compile(r"\r\n|\r|\n")
_ESCAPED: Final = re.compile(rb"[^ -<>-~]|[ ]\Z|\A\.|\AF(?=rom )")
_PLAIN: Final = re.compile(rb"(?!From )[!-\-/-<>-~](?:[ -<>-~]*[!-<>-~])?")
_ATOMS: Final = re.compile(r"[\w!#$%&'*+/^`{|}~-]+(?: [\w!#$%&'*+/^`{|}~-]+)*", re.ASCII)
_SPECIAL: Final = re.compile(r'(["\\])')


def quoted_printable(text: str) -> bytes:
    """As it stands at the start of a line, without a break at the end; every line break becomes CRLF.

    No line begins with a dot or with `From `, so that nothing has to be stuffed on the way.
    """
    data = text.encode("utf-8", "replace")
    if _PLAIN.fullmatch(data):
        return data if len(data) <= ROOM else SOFT.join(_pieces(data))
    lines = _BREAKS.sub("\n", text).encode("utf-8", "replace").split(b"\n")
    return b"\r\n".join(SOFT.join(_pieces(_ESCAPED.sub(_escape, line))) for line in lines)


def _pieces(line: bytes) -> Iterator[bytes]:
    """Cut where no `=XX` is torn apart; a piece that would begin with a dot begins with `=2E`."""
    while len(line) > ROOM:
        cut = ROOM
        if b"=" in line[cut - 2 : cut]:
            cut -= 2 if line[cut - 2 : cut - 1] == b"=" else 1
        yield line[:cut]
        line = _start(line[cut:])
    yield line


def _start(line: bytes) -> bytes:
    if line[:1] == b"." or line[:5] == b"From ":
        return b"=%02X" % line[0] + line[1:]
    return line


def _escape(found: re.Match[bytes]) -> bytes:
    return b"=%02X" % found[0][0]


def mailbox(header: str, name: str, address: str) -> bytes:
    """The value of an address header, folded; the name is on one line, the address fit for headers."""
    if not name:
        return address.encode()
    phrase = _phrase(name)
    last = phrase.rsplit(b"\r\n", 1)[-1]
    angle = b"<%s>" % address.encode()
    before = len(header) + 2 if last == phrase else 0
    gap = b" " if before + len(last) + 1 + len(angle) <= FOLD else b"\r\n "
    return phrase + gap + angle


def _phrase(name: str) -> bytes:
    if name.isascii() and len(name) <= _QUOTED and "=?" not in name:
        if _ATOMS.fullmatch(name):
            return name.encode()
        return b'"%s"' % _SPECIAL.sub(r"\\\1", name).encode()
    return b"\r\n ".join(encoded_words(name))


def encoded_words(text: str) -> Iterator[bytes]:
    """Each for a line of its own; no character is torn apart."""
    word = b""
    for character in text:
        more = character.encode("utf-8", "replace")
        if len(word) + len(more) > _WORD:
            yield b"=?utf-8?b?%s?=" % b64encode(word)
            word = b""
        word += more
    yield b"=?utf-8?b?%s?=" % b64encode(word)
