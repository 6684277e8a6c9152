"""Styles, scripts and fonts: locked, served by ourselves, obeying the policy."""

import json
import re
import shutil
from pathlib import Path

import pytest

from shared.web import assets

CSS = Path("shared/web/static/stadtteil.css").read_text("utf-8")
SCRIPT = Path("shared/web/static/stadtteil.js").read_text("utf-8")
CORRECTIONS = "/* kern corrections: right to left */"
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom"
    r"|(?:min-|max-)?(?:width|height)|float:(?:left|right))\s*:"
)
QUERY = re.compile(r"@media[^{]*\{")


def test_the_lock_names_no_place_packages_came_from_and_a_hash_for_each() -> None:
    lock = json.loads(Path("package-lock.json").read_text("utf-8"))
    packages = {name: facts for name, facts in lock["packages"].items() if name}
    assert not [name for name, facts in packages.items() if "resolved" in facts]
    assert all(facts["integrity"].startswith("sha512-") for facts in packages.values())
    assert packages["node_modules/@kern-ux/native"]["version"] == "2.7.2"
    assert packages["node_modules/htmx.org"]["version"] == "4.0.1"


def test_our_stylesheet_stays_small_and_is_ours_alone() -> None:
    assert len(CSS.encode()) < 20_000
    assert "url(http" not in CSS
    assert "@import" not in CSS
    assert {
        name for name in re.findall(r"\.([a-z]+)-", CSS) if name not in ("sb", "is", "kern")
    } == set()


def test_only_the_corrections_of_kern_name_left_and_right() -> None:
    own, corrections = CSS.split(CORRECTIONS)
    assert PHYSICAL.findall(QUERY.sub("", own)) == []
    assert "text-align:left" not in CSS
    assert PHYSICAL.search(corrections), "the pattern finds what it looks for"


def test_digits_line_up_right_in_both_directions() -> None:
    assert ".kern-table__cell--numeric){text-align:right}" in CSS


def test_our_script_makes_no_code_and_no_styles_from_text() -> None:
    for forbidden in ("innerHTML", "eval(", "new Function", ".style", "document.write", "http"):
        assert forbidden not in SCRIPT.replace("XMLHttpRequest", "")


def test_vendor_files_are_the_packages_own_with_their_licences() -> None:
    names = {path.name for path in assets.VENDOR.iterdir()}
    assert {"kern.min.css", "kern.LICENSE.md", "htmx.min.js", "fonts.css"} <= names
    fonts = (assets.VENDOR / "fonts.css").read_text("utf-8")
    for address in re.findall(r'url\("([^"?]+)', fonts):
        assert (assets.VENDOR / address).is_file()
    assert fonts.count("@font-face") == 8


def test_paper_has_its_fonts_in_the_weights_of_the_pages_with_their_licences() -> None:
    names = {path.name for path in assets.PAPER_FONTS.iterdir()}
    families = ("fira-sans", "vazirmatn")
    weights = [f"{family}-{weight}.ttf" for family in families for weight in assets.WEIGHTS]
    assert names == {*weights, *(f"{family}.LICENSE" for family in families)}
    for family in families:
        licence = (assets.PAPER_FONTS / f"{family}.LICENSE").read_text("utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence


def test_an_address_changes_with_the_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    assets.static_url.cache_clear()
    (tmp_path / "a.css").write_text("one", "utf-8")
    first = assets.static_url("a.css")
    assets.static_url.cache_clear()
    (tmp_path / "a.css").write_text("two", "utf-8")
    second = assets.static_url("a.css")
    assets.static_url.cache_clear()
    assert re.fullmatch(r"/static/a\.css\?v=[0-9a-f]{12}", first)
    assert first != second


def test_a_second_run_does_nothing(tmp_path: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(name, tmp_path)
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / assets.STAMP).write_text(assets._wanted(tmp_path), "utf-8")
    assert assets.install(root=tmp_path, vendor=vendor) is False
    assert [path.name for path in vendor.iterdir()] == [assets.STAMP]
