"""Whatever is typed into any field: said next to it what is wrong, and nothing typed is lost."""

import html
import re
from collections.abc import Callable, Mapping
from typing import Final

import pytest
from httpx import Response

from services.applications.domain import Status
from shared.service import Service
from tests.applications.people import FORM, STEPS, Resident, stored

New = Callable[..., Resident]

MISSING: Final = ""
HUGE: Final = "x" * 100_000
SCRIPT: Final = "<script>alert(1)</script>"
TEMPLATE: Final = "{{7*7}}${7*7}"
SQL: Final = "'; DROP TABLE applications; --"
CRLF: Final = "eins\r\nBcc: alle@example.org"
NUL: Final = "vor\x00nach"
RTL: Final = "مهرجان \u202eالصيف"
RTL_HUGE: Final = "مرحبا " * 10_000

OPTIONAL: Final = {"phone"}
LINES: Final = {"title", "place", "name", "street", "city", "account_holder", "costs-0-what"}
TEXTS: Final = {"aim", "plan", "target_group", "benefit"}
FORMATS: Final = {
    "field_of_action": "garden",
    "starts_on": "31.2.2026",
    "ends_on": "übermorgen",
    "not_begun": "vielleicht",
    "kind": "firm",
    "email": "ayse(at)example",
    "phone": "12",
    "postcode": "3844",
    "language": "xx",
    "iban": "DE89 3704 0044 0532 0130 01",
    "costs-0-cents": "ca. hundert",
    "funding-0-kind": "loan",
    "funding-0-cents": "-5",
    "asked_cents": "1,000.5,3",
    "other_applications": "perhaps",
}
"""Fields with a format, and a value that is close to it and wrong."""

sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
each_step = pytest.mark.parametrize("slug", list(STEPS))


async def press(someone: Resident, slug: str, **changes: str) -> Response:
    typed: Mapping[str, str] = {**STEPS[slug], **changes}
    return await someone.fill(
        slug, {name: value for name, value in typed.items() if value != MISSING}
    )


def complaint(answer: Response, name: str) -> str:
    """The sentence next to the field, which the field points at and the summary links."""
    assert answer.status_code == 422, answer.text[:2000]
    page = answer.text
    assert f'href="#{name}"' in page, "the summary does not lead to the field"
    field = re.search(rf'<(?:input|select|textarea|fieldset)[^>]*id="{name}"[^>]*>', page)
    group = re.search(rf'<fieldset[^>]*aria-describedby="[^"]*{name}-error[^"]*"', page)
    assert field
    assert group or re.search(rf'aria-describedby="[^"]*{name}-error', field[0]), field[0]
    said = re.search(rf'id="{name}-error">(.*?)</p>', page, re.DOTALL)
    assert said
    return re.sub("<[^>]+>", "", said[1]).strip()


def kept(answer: Response, slug: str, but: str) -> None:
    """Every other field still holds what was typed."""
    page = html.unescape(answer.text)
    for name, value in STEPS[slug].items():
        if name not in (but, "funding-0-kind", "language", "field_of_action", "kind"):
            assert value in page, name


@sqlite
@each_step
async def test_a_missing_answer_is_asked_for_next_to_its_field(resident: New, slug: str) -> None:
    someone = resident()
    await someone.begin()
    for name in STEPS[slug]:
        answer = await press(someone, slug, **{name: MISSING})
        if name in OPTIONAL:
            assert answer.status_code == 303
        else:
            assert complaint(answer, name)
            kept(answer, slug, name)


@sqlite
@each_step
async def test_a_wrong_value_is_explained_and_stays_as_typed(
    applications: Service, resident: New, slug: str
) -> None:
    someone = resident()
    await someone.begin()
    for name in STEPS[slug].keys() & FORMATS.keys():
        answer = await press(someone, slug, **{name: FORMATS[name]})
        assert complaint(answer, name)
        kept(answer, slug, name)
        [draft] = await stored(applications)
        assert FORMATS[name] in str(draft.typed)


@sqlite
@each_step
@pytest.mark.parametrize("huge", [HUGE, RTL_HUGE])
async def test_a_hundred_thousand_characters_are_too_many_for_every_field(
    resident: New, slug: str, huge: str
) -> None:
    someone = resident()
    await someone.begin()
    for name in STEPS[slug]:
        answer = await press(someone, slug, **{name: huge})
        assert complaint(answer, name)
        kept(answer, slug, name)


@pytest.mark.parametrize("hostile", [SCRIPT, TEMPLATE, SQL, RTL])
async def test_hostile_text_is_only_text(
    applications: Service, resident: New, hostile: str
) -> None:
    someone = resident()
    await someone.begin()
    for slug, typed in STEPS.items():
        words = {name: hostile for name in typed if name in LINES | TEXTS}
        assert (await press(someone, slug, **words)).status_code == 303
    shown = await someone.get(f"{FORM}/pruefen")
    assert shown.status_code == 200
    assert "<script>alert" not in shown.text
    assert "4949" not in shown.text and "\u202e" not in shown.text
    assert hostile.replace("\u202e", "") in html.unescape(shown.text)
    assert (await someone.hand_in()).headers["location"] == "/antraege/danke"
    [application] = await stored(applications)
    assert application.status == Status.SUBMITTED


@sqlite
@each_step
@pytest.mark.parametrize("hostile", [SCRIPT, TEMPLATE, SQL, RTL])
async def test_hostile_text_is_no_value_for_a_field_with_a_format(
    resident: New, slug: str, hostile: str
) -> None:
    someone = resident()
    await someone.begin()
    for name in STEPS[slug].keys() & FORMATS.keys():
        answer = await press(someone, slug, **{name: hostile})
        assert complaint(answer, name)
        assert SCRIPT not in answer.text
        kept(answer, slug, name)


@sqlite
@each_step
async def test_one_line_stays_one_line(resident: New, slug: str) -> None:
    someone = resident()
    await someone.begin()
    for name in STEPS[slug].keys() - TEXTS:
        answer = await press(someone, slug, **{name: CRLF})
        assert complaint(answer, name)
        kept(answer, slug, name)


@pytest.mark.parametrize("name", ["title", "plan"])
async def test_what_no_keyboard_types_is_refused_and_the_rest_is_kept(
    applications: Service, resident: New, name: str
) -> None:
    someone = resident()
    await someone.begin()
    answer = await press(someone, "idee", **{name: NUL})
    assert "Zeichen" in complaint(answer, name)
    kept(answer, "idee", name)
    [draft] = await stored(applications)
    assert draft.typed[name] == "vornach"


@sqlite
@pytest.mark.parametrize(
    ("slug", "changes", "name", "sentence"),
    [
        ("idee", {"starts_on": "1.3.2026"}, "starts_on", "vorbei"),
        ("idee", {"ends_on": "19.6.2026"}, "ends_on", "vor dem Anfang"),
        ("wer", {"kind": "organisation"}, "legal_form", "füllen"),
        ("kosten", {"asked_cents": "900"}, "asked_cents", "800 Euro"),
        ("kosten", {"funding-0-cents": "5.000"}, "asked_cents", "schon bezahlt"),
        ("kosten", {"costs-0-cents": "9.000", "asked_cents": "6000"}, "asked_cents", "5.000 Euro"),
        ("kosten", {"other_applications": "yes"}, "other_applications_text", "füllen"),
    ],
)
async def test_the_funds_rules_speak_next_to_the_field(
    resident: New, slug: str, changes: dict[str, str], name: str, sentence: str
) -> None:
    someone = resident()
    await someone.begin()
    answer = await press(someone, slug, **changes)
    assert sentence in complaint(answer, name)
    assert all(value in html.unescape(answer.text) for value in changes.values())


@sqlite
async def test_an_unfinished_draft_is_refused_as_a_whole_with_links_to_every_step(
    applications: Service, resident: New
) -> None:
    someone = resident()
    await someone.begin()
    await someone.fill("wer", aktion="spaeter")
    answer = await someone.submit(f"{FORM}/pruefen", {"aktion": "weiter"})
    assert answer.status_code == 422
    assert 'href="/antraege/entwurf/idee?pruefen=1#title"' in answer.text
    assert 'href="/antraege/entwurf/kosten?pruefen=1#costs"' in answer.text
    assert 'href="#privacy"' in answer.text
    step = await someone.get(f"{FORM}/idee?pruefen=1")
    assert 'id="title-error"' in step.text
    [draft] = await stored(applications)
    assert draft.status == Status.DRAFT
