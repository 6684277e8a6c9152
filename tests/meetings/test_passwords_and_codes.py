"""What a password must be, and which digits open a door once."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from services.meetings.domain import passwords
from services.meetings.domain.second_factor import (
    digits,
    looks_like_recovery,
    matching_step,
    new_recovery_codes,
    recovery_hash,
)

NOW = datetime(2026, 3, 2, 9, 0, 10, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def check(password: str) -> None:
    passwords.check(password, email="jana.petersen@example.org", name="Jana Petersen")


@pytest.mark.parametrize(
    "password",
    [
        "sieben blaue Pferde laufen",
        "شجرة كبيرة في الحديقة",
        "🐎🌳🚲🎺🧅🪁🛶🎻🥁🦔🐙🪴🧭🔭🪵",
        "x7$kQ!p2 vR#9zLm",
        "a" * 10 + "bcdefghij",
    ],
)
def test_long_passwords_in_any_script_are_welcome(password: str) -> None:
    check(password)


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("vierzehnzeichn", passwords.TooShort),
        ("", passwords.TooShort),
        ("x" * 1001, passwords.TooLong),
        ("aaaaaaaaaaaaaaaaaaaa", passwords.TooEasy),
        ("121212121212121212", passwords.TooEasy),
        ("jana.petersen@example.org", passwords.TooEasy),
        ("JanaPetersenJanaPetersen1", passwords.TooEasy),
        ("Jana Petersen 1985", passwords.TooEasy),
    ],
)
def test_short_and_guessable_passwords_are_refused_by_their_rule(
    password: str, rule: type[Exception]
) -> None:
    with pytest.raises(rule):
        check(password)


def test_the_same_letters_count_as_the_same_password_whatever_keyboard_wrote_them() -> None:
    assert passwords.normal("Müller") == passwords.normal("Mu\u0308ller")


def code(at: datetime) -> str:
    return pyotp.TOTP(SECRET).at(at)


def test_digits_of_this_and_the_neighbouring_steps_count() -> None:
    step = int(NOW.timestamp()) // 30
    for offset in (-1, 0, 1):
        typed = code(NOW + timedelta(seconds=30 * offset))
        assert matching_step(SECRET, typed, at=NOW, last_step=None) == step + offset
    for offset in (-2, 2):
        typed = code(NOW + timedelta(seconds=30 * offset))
        assert matching_step(SECRET, typed, at=NOW, last_step=None) is None


def test_a_used_step_and_everything_before_it_is_refused() -> None:
    used = matching_step(SECRET, code(NOW), at=NOW, last_step=None)
    assert matching_step(SECRET, code(NOW), at=NOW, last_step=used) is None
    earlier = code(NOW - timedelta(seconds=30))
    assert matching_step(SECRET, earlier, at=NOW, last_step=used) is None
    later = NOW + timedelta(seconds=30)
    assert matching_step(SECRET, code(later), at=later, last_step=used) is not None


def test_digits_may_be_typed_with_spaces_or_in_arabic() -> None:
    assert digits("123 456") == digits("١٢٣٤٥٦") == "123456"
    assert matching_step(SECRET, "", at=NOW, last_step=None) is None


def test_spare_codes_are_ten_different_ones_that_forgive_case_and_dashes() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(looks_like_recovery(code) for code in codes)
    assert not looks_like_recovery("123 456")
    key = b"k" * 32
    assert recovery_hash(codes[0].upper().replace("-", " "), key=key) == recovery_hash(
        codes[0], key=key
    )
    assert recovery_hash(codes[0], key=key) != recovery_hash(codes[0], key=b"other")
