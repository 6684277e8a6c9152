"""Sums, dates, numbers as each language writes them."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from jinja2 import DictLoader

from shared.web import formats
from shared.web.brand import load_brand
from shared.web.templating import environment

EVENING = datetime(2026, 12, 17, 17, 0, tzinfo=UTC)
NIGHT = datetime(2026, 12, 17, 23, 30, tzinfo=UTC)


def shown(template: str, lang: str, **context: object) -> str:
    env = environment(Path("shared/web/templates"))
    env.loader = DictLoader({"page": template})
    return env.get_template("page").render(lang=lang, **context)


@pytest.mark.parametrize(
    ("lang", "sum_", "whole", "size", "many"),
    [
        ("de", "1.100,00\u00a0€", "650\u00a0€", "1,2\u00a0MB", "12.345,5"),
        ("en", "€1,100.00", "€650", "1.2\u00a0MB", "12,345.5"),
        ("ar", "1.100,00\u00a0€", "650\u00a0€", "1,2\u00a0MB", "12.345,5"),
    ],
)
def test_numbers_are_written_as_the_language_does(
    lang: str, sum_: str, whole: str, size: str, many: str
) -> None:
    assert formats.money(110000, lang) == sum_
    assert formats.money(65000, lang, decimals=0) == whole
    assert formats.filesize(1_234_567, lang) == size
    assert formats.number(12345.5, lang) == many


def test_a_file_is_never_said_to_be_empty_unless_it_is() -> None:
    assert formats.filesize(3, "de") == "0,1\u00a0kB"
    assert formats.filesize(0, "de") == "0\u00a0kB"
    assert formats.filesize(10_000_000, "en") == "10\u00a0MB"


def test_cents_are_never_rounded_away() -> None:
    assert formats.money(65050, "de", decimals=0) == "650,50\u00a0€"
    assert formats.money(9_999_900, "de") == "99.999,00\u00a0€"
    assert formats.money(-1, "de") == "-0,01\u00a0€"


@pytest.mark.parametrize(
    ("lang", "long", "short"),
    [
        ("de", "Donnerstag, 17. Dezember 2026", "Do, 17. Dez."),
        ("en", "Thursday, 17 December 2026", "Thu 17 Dec"),
        ("ar", "الخميس، 17 ديسمبر 2026", "الخميس 17 ديسمبر"),
    ],
)
def test_dates_are_written_as_the_language_does(lang: str, long: str, short: str) -> None:
    assert formats.date_long(EVENING, lang) == long
    assert formats.date_short(EVENING, lang) == short
    assert formats.date_long(EVENING.date(), lang) == long


def test_instants_are_told_as_the_clock_in_berlin_shows_them() -> None:
    assert formats.clock(EVENING, "en") == "18:00"
    assert formats.clock(datetime(2026, 12, 2, 22, 59, 59, tzinfo=UTC), "de") == "24:00"
    assert formats.clock(time(18, 30), "ar") == "18:30"
    assert formats.date_medium(NIGHT, "de") == "18. Dezember 2026"
    assert formats.days_until(date(2026, 12, 19), NIGHT) == 1


@pytest.mark.parametrize("lang", ["de", "en", "ar"])
def test_on_a_page_every_number_keeps_its_direction(lang: str) -> None:
    page = shown(
        "{{ money(110000) }}|{{ number(7) }}|{{ filesize(999) }}|{{ phone('05361 12 34 5') }}"
        "|{{ iban_masked('DE02 1203 0000 0000 2020 51') }}|{{ time(at) }}|{{ 1100|money }}",
        lang,
        at=EVENING,
    )
    parts = page.split("|")
    assert len(parts) == 7
    assert all(p.startswith('<bdi dir="ltr" class="sb-num">') for p in parts)
    assert "DE•• •••• •••• 2051" in page


def test_a_date_on_a_page_says_its_instant_to_machines() -> None:
    page = shown("{{ date_long(at) }} {{ date_long(day) }}", "de", at=EVENING, day=date(2026, 3, 4))
    assert '<time datetime="2026-12-17T18:00:00+01:00">Donnerstag, 17. Dezember 2026</time>' in page
    assert '<time datetime="2026-03-04">Mittwoch, 4. März 2026</time>' in page


def test_peoples_text_is_escaped_and_keeps_its_own_direction() -> None:
    page = shown("{{ name|text }}{{ story|paragraphs }}", "de", name="<b>", story="a\n<i>\n\nمرحبا")
    assert page == '<bdi>&lt;b&gt;</bdi><p dir="auto">a<br>&lt;i&gt;</p><p dir="auto">مرحبا</p>'


def test_facts_in_a_sentence_are_escaped_and_marked_up_ones_stay() -> None:
    page = shown(
        "{{ _('Sitzung: %(board)s', board=name) }} {{ _('Sitzung: %(board)s', board=money(100)) }}",
        "de",
        name="<x>",
    )
    assert "&lt;x&gt;" in page
    assert '<bdi dir="ltr"' in page


def test_what_was_typed_is_shown_again_as_it_was_typed() -> None:
    assert formats.typed_money("ca. hundert") == "ca. hundert"
    assert formats.typed_money(110000) == "1.100,00"
    assert formats.typed_date("2026-12-09") == formats.typed_date(date(2026, 12, 9)) == "9.12.2026"
    assert formats.typed_date("morgen") == "morgen"
    assert formats.typed_time(time(18, 30)) == formats.typed_time("18:30:00") == "18:30"


def test_opening_hours_are_sentences_in_each_language() -> None:
    brand = load_brand(Path("deploy/brand.toml"))
    assert formats.opening_hours(brand, "de")[0] == "Dienstag 10 bis 12 Uhr"
    assert formats.opening_hours(brand, "en")[0] == "Tuesday 10 to 12"
    assert "الثلاثاء" in formats.opening_hours(brand, "ar")[0]
