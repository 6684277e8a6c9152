"""Each rule of the house, broken once: a linter that never fails protects nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from scripts import lint_shape, lint_templates, lint_translations, lint_words
from scripts.files import ROOT
from scripts.translations import DOMAINS


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code alone, to be spoilt."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("services", "shared", "deploy"):
        ignored = shutil.ignore_patterns("static", "locale", "templates", "__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        (
            "services/meetings/spoilt.py",
            "import services.applications.store",
            "Services never import one another",
        ),
        ("shared/spoilt.py", "import services.meetings.store", "Shared knows no service"),
        ("shared/spoilt.py", "import deploy.valkey", "nobody knows the deployment"),
        (
            "services/applications/domain/spoilt.py",
            "import services.applications.commands",
            "imports point inwards",
        ),
        (
            "services/notifications/commands/spoilt.py",
            "import services.notifications.worker",
            "imports point inwards",
        ),
        ("services/meetings/domain/spoilt.py", "import fastapi", "The domain knows no web"),
    ],
)
def test_a_forbidden_import_is_found(copy: Path, file: str, line: str, contract: str) -> None:
    spoilt = copy / file
    spoilt.write_text(f"{line}\n")
    try:
        done = _lint_imports(copy)
    finally:
        spoilt.unlink()
    assert done.returncode == 1
    broken = [said for said in done.stdout.splitlines() if said.endswith("BROKEN")]
    assert any(contract in said for said in broken), done.stdout


def test_our_own_imports_keep_every_contract(copy: Path) -> None:
    done = _lint_imports(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("from unittest" + ".mock import Mock\n", "assert outcomes"),
        ("# TO" + "DO later\n", "unfinished"),
        ("class Letter" + "Manager:\n", "name it after what it does"),
        ('HOST = "https://pypi' + '.org/simple"\n', "registry"),
        ('HERE = "/ho' + 'me/somebody/project"\n', "path of somebody"),
    ],
)
def test_a_forbidden_word_is_found(text: str, why: str) -> None:
    assert any(why in finding for finding in lint_words.findings_in("shared/a.py", text))


def test_a_file_named_after_nothing_is_found() -> None:
    assert lint_words.findings_in("shared/utils.py", "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def long():\n" + "    print(1)\n" * 40, "has 40 lines"),
        ("try:\n    go()\nexcept Exception:\n    pass\n", "swallows"),
        ("a = 1\n" * 400, "make it a folder"),
    ],
)
def test_a_bad_shape_is_found(text: str, why: str) -> None:
    assert any(why in finding for finding in lint_shape.findings_in("shared/a.py", text))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('<p style="color:red">{{ _("Ja") }}</p>', "policy blocks"),
        ('<button onclick="go()">{{ _("Ja") }}</button>', "policy blocks"),
        ("<script>go()</script>", "policy blocks"),
        ("<p>Guten Tag</p>", "not translated"),
        ('<img alt="Ein Bild" src="a.png">', "not translated"),
        ("{% if a %}", "Unexpected end"),
    ],
)
def test_a_bad_template_is_found(text: str, why: str) -> None:
    name = "services/meetings/templates/a.html"
    assert any(why in finding for finding in lint_templates.findings_in(name, text))


def test_a_good_template_passes() -> None:
    good = '<p title="{{ _("Nein") }}">{% trans name=name %}Guten Tag, {{ name }}{% endtrans %}</p>'
    assert lint_templates.findings_in("services/meetings/templates/a.html", good) == []


@pytest.mark.parametrize(
    ("translated", "why"),
    [
        (None, "no translation"),
        ("", "no translation"),
        ("Hello", "other placeholders"),
        ("<b>Hello</b> %(name)s", "other placeholders"),
    ],
)
def test_a_missing_or_wrong_translation_is_found(translated: str | None, why: str) -> None:
    german, english = Catalog(), Catalog(locale="en")
    german.add("Guten Tag, %(name)s", locations=[("page.html", 1)])
    if translated is not None:
        english.add("Guten Tag, %(name)s", translated)
    found = list(lint_translations.findings_in("en", german, english))
    assert len(found) == 1
    assert why in found[0]


def test_texts_of_pages_letters_and_documents_are_collected_apart() -> None:
    pages, letters, documents = (domain.texts() for domain in DOMAINS)
    assert pages.get("Mein Antrag") is not None
    assert letters.get("Ihr Antrag ist da.") is not None
    assert documents.get("Zusage für Ihren Antrag %(number)s") is not None
    assert pages.get("Zusage für Ihren Antrag %(number)s") is None


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
