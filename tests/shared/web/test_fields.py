"""Sums, dates, times, numbers and addresses, as people write them."""

import unicodedata
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.web.fields import Cents, Day, Email, Phone, TimeOfDay, clean


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("1.100", 110000),
        ("1100,00", 110000),
        ("1 100,00", 110000),
        ("1.100,5 €", 110050),
        ("EUR 12,50", 1250),
        ("12.50", 1250),
        ("1,234.56", 123456),
        ("1'100", 110000),
        ("1.234.567", 123456700),
        ("0", 0),
        ("\u0661\u0662\u0663\u066b\u0665", 12350),
        ("\u00a0150\u202f", 15000),
    ],
)
def test_money_is_read_as_people_write_it(typed: str, cents: int) -> None:
    assert TypeAdapter(Cents).validate_python(typed) == cents


@pytest.mark.parametrize(
    "typed",
    ["1,100", "1.1.1", "1..0", "12,345,6", "1.234,567", ",5", "1e5", "0x10", "½", "", "1-2", "²"],
)
def test_money_that_could_mean_two_things_is_asked_again(typed: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Cents).validate_python(typed)


@given(st.integers(min_value=0, max_value=9_999_999_999))
def test_every_sum_is_read_back_as_it_is_shown(cents: int) -> None:
    shown = f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02}"
    assert TypeAdapter(Cents).validate_python(shown) == cents


@pytest.mark.parametrize(
    "typed",
    [
        "2026-12-09",
        "9.12.2026",
        "09.12.2026",
        "9. 12. 2026",
        "9.12.26",
        "9/12/2026",
        "\u0669.\u0661\u0662.\u0662\u0660\u0662\u0666",
    ],
)
def test_dates_are_read_as_people_write_them(typed: str) -> None:
    assert TypeAdapter(Day).validate_python(typed) == date(2026, 12, 9)


@pytest.mark.parametrize("typed", ["18:30", "18.30", "18:30 Uhr", "18.30 h", "18:30:00"])
def test_times_are_read_as_people_write_them(typed: str) -> None:
    assert TypeAdapter(TimeOfDay).validate_python(typed) == time(18, 30)


@pytest.mark.parametrize(
    "typed", ["05361 12 34-5", "(05361) 12345", "+49 5361 12345", "0049536112345"]
)
def test_phone_numbers_are_kept_in_one_spelling(typed: str) -> None:
    assert TypeAdapter(Phone).validate_python(typed) == "+49536112345"


def test_an_address_is_kept_in_its_usual_spelling() -> None:
    assert TypeAdapter(Email).validate_python("Ada@EXAMPLE.org") == "Ada@example.org"


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert unicodedata.is_normalized("NFC", clean(text))
