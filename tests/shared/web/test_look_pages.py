"""The shell every page stands in, and the parts it is made of."""

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from jinja2 import DictLoader
from markupsafe import Markup

from shared.web.actors import Actor, Role
from shared.web.brand import load_brand
from shared.web.forms import Form, blank
from shared.web.i18n import direction
from shared.web.nav import navigation
from shared.web.templating import environment
from tests.support.browser import Browser

OFFICE = Actor(kind="account", roles=frozenset({Role.OFFICE}), name="Jana Kruse")
SHELL = Path("shared/web/templates")
BRAND = load_brand(Path("deploy/brand.toml"))


def part(template: str, *, lang: str = "de", **context: Any) -> str:
    """What a call of a macro writes."""
    env = environment(SHELL)
    macros = (SHELL / "_m.html").read_text("utf-8")
    page = "{% import '_m.html' as m with context %}" + template
    env.loader = DictLoader({"page": page, "_m.html": macros})
    shown = {"lang": lang, "brand": BRAND, "csrf_field": lambda: Markup("<token>"), "now": NOW}
    return env.get_template("page").render(shown | context)


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def shell_page(lang: str = "de", actor: Actor | None = None, **context: Any) -> str:
    actor = actor or Actor()
    env = environment(SHELL)
    shown = {
        "title": "Kalender",
        "here": "kalender",
        "lang": lang,
        "dir": direction(lang),
        "brand": BRAND,
        "actor": actor,
        "nav": navigation(actor, str),
        "note": "",
        "now": NOW,
        "request": None,
        "csrf_field": lambda: Markup("<token>"),
        "text": "",
    }
    return env.get_template("error.html").render(shown | context)


@pytest.fixture(params=["de", "en", "ar"])
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_page_says_its_language_direction_title_and_place(lang: str) -> None:
    page = shell_page(lang)
    assert f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">' in page
    assert page.count("<h1") == page.count("<main") == 1
    assert re.search(r'href="/kalender" aria-current="page"', page)
    assert {"de": "Kalender", "en": "Calendar", "ar": "التقويم"}[lang] + " – " in page


def test_a_page_brings_nothing_the_policy_blocks(lang: str) -> None:
    page = shell_page(lang)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|https?://(?!www\.w3)", page)
    assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_every_link_of_the_shell_is_versioned_or_a_path_of_ours() -> None:
    page = shell_page()
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        assert re.search(r"\?v=[0-9a-f]{12}$", address), address


def test_staff_see_their_name_their_menu_and_a_way_out() -> None:
    page = shell_page(actor=OFFICE)
    assert "Jana Kruse" in page
    assert 'action="/abmelden"' in page
    assert 'href="/buero/schreiben"' in page
    assert 'href="/mein"' not in page


def test_the_page_after_an_error_needs_no_more_than_the_shell() -> None:
    page = shell_page(title="Das hat nicht geklappt", text="Versuchen Sie es.", request_id="r-7")
    assert "Versuchen Sie es." in page
    assert '<bdi dir="ltr" class="sb-num">r-7</bdi>' in page


def test_a_form_with_mistakes_says_so_in_the_title_and_first_of_all() -> None:
    form: Form[Any] = Form(errors={"own": "Schreiben Sie eine Zahl."}, values={"own": "hundert"})
    assert "<title>Fehler: Kalender" in shell_page(form=form)
    summary = part("{{ m.errors(form, {'own': 'Eigener Beitrag'}) }}", form=form)
    assert 'role="alert" autofocus' in summary
    assert (
        '<a class="kern-link" href="#own">Eigener Beitrag: Schreiben Sie eine Zahl.</a>' in summary
    )
    assert part("{{ m.errors(form) }}", form=blank()).strip() == ""


def test_a_field_keeps_what_was_typed_and_is_tied_to_its_hint_and_its_error() -> None:
    form: Form[Any] = Form(errors={"own": "Zahl!"}, values={"own": '"><b>'})
    field = part("{{ m.money_field(form, 'own', 'Beitrag', hint='Auch 0') }}", form=form)
    assert 'value="&#34;&gt;&lt;b&gt;"' in field
    assert 'aria-describedby="own-hint own-error" aria-invalid="true"' in field
    assert '<label class="kern-label" for="own">Beitrag</label>' in field
    assert 'id="own-error"' in field


def test_a_password_and_a_code_are_never_shown_again() -> None:
    form: Form[Any] = Form(values={"secret": "geheim", "code": "123456"})
    page = part(
        "{{ m.field(form, 'secret', 'A', type='password') }}{{ m.code_field(form, 'code', 'B') }}",
        form=form,
    )
    assert "geheim" not in page
    assert "123456" not in page
    assert 'autocomplete="one-time-code"' in page


def test_choices_stay_chosen_whatever_kind_the_value_is() -> None:
    form: Form[Any] = Form(values={"way": Role.OFFICE, "topics": ["b"], "sure": True, "field": 7})
    page = part(
        "{{ m.radios(form, 'way', 'W', [('office', 'x'), ('payer', 'y')]) }}"
        "{{ m.checks(form, 'topics', 'T', [('a', 'x'), ('b', 'y')]) }}"
        "{{ m.check(form, 'sure', 'S') }}{{ m.select(form, 'field', 'F', [(7, 'x'), (8, 'y')]) }}",
        form=form,
    )
    chosen = re.findall(r'value="(\w+)"[^>]* (?:checked|selected)', page)
    assert chosen == ["office", "b", "true", "7"]
    assert 'id="way"' in page and 'id="topics"' in page, "the summary's links lead to the first"


def test_nothing_is_chosen_in_advance() -> None:
    page = part("{{ m.radios(form, 'vote', 'V', [('yes', 'x'), ('no', 'y')]) }}", form=blank())
    assert "checked" not in page


def test_a_post_form_carries_the_token() -> None:
    assert "<token>" in part("{% call m.form('/x') %}{% endcall %}")


def test_the_timeline_says_done_now_and_next_to_those_who_cannot_see_it() -> None:
    steps = [{"state": s, "title": s, "at": NOW} for s in ("done", "now", "next")]
    page = part("{{ m.line(steps) }}", steps=steps)
    assert re.findall(r'sb-sr">(\w+):', page) == ["Erledigt", "Jetzt", "Danach"]
    assert page.count('aria-current="step"') == 1


def test_facts_leave_out_what_is_not_known() -> None:
    assert part("{{ m.facts([('A', ''), ('B', none), ('C', 'x', true)]) }}").count("<dt>") == 1


def test_a_bar_of_nothing_is_no_error() -> None:
    assert part("{{ m.bar([('a', 0)], 0) }}").count("<rect") == 1


async def test_an_error_page_speaks_the_readers_language(app: FastAPI, lang: str) -> None:
    async with Browser(app, lang=lang) as reader:
        answer = await reader.get("/gibt-es-nicht")
    assert answer.status_code == 404
    said = {
        "de": "Diese Seite gibt es nicht",
        "en": "This page does not exist",
        "ar": "هذه الصفحة غير موجودة",
    }
    assert said[lang] in answer.text


def test_the_switch_without_a_request_leads_to_the_front_page() -> None:
    assert 'href="/?lang=en"' in shell_page(request=None)
    asked = SimpleNamespace(
        url=SimpleNamespace(path="/abo"),
        query_params=SimpleNamespace(multi_items=lambda: [("a", "1"), ("lang", "de")]),
    )
    assert 'href="/abo?a=1&amp;lang=en"' in shell_page(request=asked)
