"""Our signatures, verified by dkimpy with a DNS of the test's own."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.bulk.dkim import BadKey, Signer
from tests.notifications.bulk.mails import SETTINGS, filled

SELECTOR: Final = "post2026"
SHORT: Final = st.sampled_from(
    ["a", "Ä", " ", "  ", "\t", ".", "=", "\r\n", " \r\n", "\r\n\r\n", "x" * 90]
)
BODIES: Final = st.lists(SHORT, max_size=12).map(lambda parts: "".join(parts).encode())
VALUES: Final = st.lists(
    st.sampled_from(["a", "b c", "\t", "  ", ":", ";", "\r\n ", "\r\n\t", "x" * 400]), max_size=6
).map(lambda parts: "".join(parts).encode())


@cache
def pem(bits: int = 2048) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return _pem(key)


def _pem(key: Any, encryption: Any = None) -> str:
    how = encryption or NoEncryption()
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode())


def signer(**changes: Any) -> Signer:
    wanted = {"dkim_selector": SELECTOR, "dkim_private_key": _Secret(pem())} | changes
    found = Signer.from_settings(SETTINGS.model_copy(update=wanted))
    assert found is not None
    return found


class _Secret(str):
    """As pydantic keeps it."""

    __slots__ = ()

    def get_secret_value(self) -> str:
        return str(self)


def dns(signs: Signer) -> Callable[..., bytes | None]:
    """Knows one record."""
    name = f"{signs.selector}._domainkey.{signs.domain}.".encode()
    return lambda asked, timeout=5: signs.record.encode() if asked == name else None


def verified(message: bytes, signs: Signer) -> bool:
    return bool(dkim.verify(message, dnsfunc=dns(signs), minkey=2048))


def signed_names(message: bytes) -> list[str]:
    found = re.search(rb"h=([^;]+);", message)
    assert found
    return [name.strip() for name in found[1].decode().split(":")]


def test_a_newsletter_is_signed_over_everything_a_reader_relies_on() -> None:
    signs = signer()
    message = signs.sign(filled())
    assert message.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=stadtteil")
    assert message.endswith(filled())
    assert verified(message, signs)
    assert signed_names(message) == [
        *("From", "From", "Reply-To", "Reply-To", "To", "To", "Subject", "Subject", "Date", "Date"),
        *("Message-ID", "Content-Language", "MIME-Version", "Content-Type"),
        *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
    ]
    head = message.partition(b"\r\n\r\n")[0]
    assert max(map(len, head.partition(b"\r\nFrom:")[0].split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"Subject: Neues", b"Subject: Altes"),
        (b"\r\nSubject: ", b"\r\nSubject: Eilt\r\nSubject: "),
        (b"\r\nFrom: ", b"\r\nFrom: x@example.org\r\nFrom: "),
        (b"To: Ada", b"To: Bob"),
        (b"One-Click", b"One-Clack"),
        (b"/abo/abmelden/", b"/abo/anmelden/"),
        (b"<newsletter.", b"<werbung."),
        (b"es gibt Neues", b"es gibt Altes"),
        (b"Content-Language: de", b"Content-Language: en"),
        (b"multipart/alternative", b"multipart/mixed"),
    ],
)
def test_whoever_changes_it_on_the_way_is_found_out(was: bytes, becomes: bytes) -> None:
    signs = signer()
    message = signs.sign(filled())
    forged = message.replace(was, becomes, 1)
    assert forged != message
    assert not verified(forged, signs)


def test_blanks_a_relay_changes_do_no_harm() -> None:
    signs = signer()
    message = signs.sign(filled())
    changed = message.replace(b"\r\nSubject: ", b"\r\nSubject:   ").replace(
        b"\r\nReply-To: ", b"\r\nReply-To:\r\n\t"
    )
    assert changed != message
    assert verified(changed + b"\r\n\r\n", signs)


@settings(deadline=None)
@given(body=BODIES, value=VALUES, again=st.booleans())
def test_any_body_and_header_verify(body: bytes, value: bytes, again: bool) -> None:
    signs = signer()
    head = b"From: a@stadtteil.example\r\nSubject: a" + value.rstrip(b" \t\r\n") + b"\r\n"
    head += b"List-Id:" + value.strip(b" \t\r\n") + b"\r\n" if again else b""
    head += b"references: <a@b>\r\nX-Other: " + b"y" * 200 + b"\r\n"
    head += b"References: <c@d>\r\n" if again else b""
    message = signs.sign(head + b"\r\n" + body + (b"\r\n" if body else b""))
    assert verified(message, signs)
    assert not verified(message.replace(b"Subject: a", b"Subject: z", 1), signs)


def test_signing_again_gives_the_very_same_mail() -> None:
    assert signer().sign(filled()) == signer().sign(filled())


def test_without_key_and_selector_the_relay_signs() -> None:
    assert Signer.from_settings(SETTINGS) is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"dkim_selector": ""}, "set both or neither"),
        ({"dkim_private_key": _Secret("")}, "set both or neither"),
        ({"dkim_selector": "a;b"}, "letters, digits and hyphens"),
        ({"dkim_selector": "a\r\nb"}, "letters, digits and hyphens"),
        ({"dkim_private_key": _Secret("secret words")}, "no private key in PEM"),
        ({"dkim_private_key": _Secret(pem().replace("A", "B"))}, "no private key in PEM"),
        (
            {"dkim_private_key": _Secret(_pem(ec.generate_private_key(ec.SECP256R1())))},
            "not an RSA",
        ),
        ({"dkim_private_key": _Secret(pem(1024))}, "1024 bits; it needs at least 2048"),
    ],
)
def test_a_bad_key_is_refused_in_a_sentence_that_does_not_show_it(
    changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(BadKey, match=why) as refused:
        signer(**changes)
    assert "secret words" not in str(refused.value)


def test_a_key_behind_a_password_is_refused() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    locked = _pem(key, BestAvailableEncryption(b"password"))
    with pytest.raises(BadKey, match="without a password"):
        signer(dkim_private_key=_Secret(locked))
