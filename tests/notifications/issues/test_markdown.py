"""What people type: read as Markdown, and unable to become anything else."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.bulk.slots import SLOTS
from services.notifications.issues.markdown import (
    House,
    Medium,
    Size,
    links,
    pictures,
    styled,
    to_html,
)
from services.notifications.issues.pictures import line
from services.notifications.issues.places import place_of
from services.notifications.issues.plaintext import to_text
from shared.web.brand import load_brand

ORIGIN = "https://stadtteil.example"
SHA = "ab" * 32
HOUSE = House(origin=ORIGIN, pictures={SHA: Size(1200, 600)})
BRAND = load_brand(Path("deploy/brand.toml"))
TAGS = {
    "p", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "img", "blockquote", "hr", "br", "code", "table", "tbody",
    "tr", "td", "span",
}  # fmt: skip


class Tags(HTMLParser):
    """Every tag with its attributes, and what was said between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_data(self, data: str) -> None:
        self.said += data

    def places(self) -> list[str]:
        return [attrs.get("href") or "" for tag, attrs in self.found if tag == "a"]


def web(source: str) -> str:
    return to_html(source, HOUSE, Medium.WEB)


def mail(source: str) -> str:
    return styled(to_html(source, HOUSE, Medium.MAIL), BRAND)


def text(source: str) -> str:
    return to_text(source, HOUSE, picture="Bild")


def test_headings_begin_at_the_second_level_and_leave_no_gap() -> None:
    assert web("# Eins") == "<h2>Eins</h2>\n"
    assert web("### Drei") == "<h2>Drei</h2>\n"
    assert web("## Zwei\n\n#### Vier") == "<h2>Zwei</h2>\n<h3>Vier</h3>\n"


def test_a_link_alone_in_bold_is_a_button() -> None:
    source = "**[Zum Fest anmelden](/termine/7?a=1&b=2)**"
    assert web(source) == (
        '<p><a href="https://stadtteil.example/termine/7?a=1&amp;b=2" class="kern-btn '
        'kern-btn--primary"><span class="kern-label">Zum Fest anmelden</span></a></p>\n'
    )
    assert 'role="presentation"' in mail(source)
    assert re.search(r'<td class="cta" style="background: #24408E', mail(source))
    assert "kern-btn" not in web("Kommen Sie: **[Fest](/termine/7)**")
    assert "kern-btn" not in web("**Fest**")


def test_the_text_reads_well_without_any_markup() -> None:
    source = (
        "## Winterfest\n\nAm **12. Dezember** ab *15 Uhr*.  \nBringen Sie eine Tasse mit.\n\n"
        "1. Kommen\n2. Feiern\n   - drinnen\n   - draußen\n\n"
        "[Mehr dazu](/termine/7) und [Rufen Sie an](tel:05361123) oder <buero@example.org>.\n\n"
        f"![Zwei Menschen](/bilder/{SHA})\n\n> So war es.\n\n---\n\nEnde"
    )
    assert text(source) == (
        "Winterfest\n==========\n\nAm 12. Dezember ab 15 Uhr.\nBringen Sie eine Tasse mit.\n\n"
        "1. Kommen\n2. Feiern\n  - drinnen\n  - draußen\n\n"
        "Mehr dazu (https://stadtteil.example/termine/7) und Rufen Sie an (05361123) oder "
        "buero@example.org.\n\n[Bild: Zwei Menschen]\n\n> So war es.\n\n"
        "────────────────────────\n\nEnde"
    )


def test_pictures_are_ours_with_their_size_and_words() -> None:
    assert web(f'![Zwei "Menschen"](/bilder/{SHA})') == (
        f'<p><img src="{ORIGIN}/bilder/{SHA}" alt="Zwei &quot;Menschen&quot;" width="528"'
        ' height="264"></p>\n'
    )
    assert 'alt=""' in web(f'![](/bilder/{SHA} "Schmuck")')
    for foreign in ("https://evil.example/x.png", "//evil.example/x", "data:image/png;base64,AA"):
        assert web(f"![Pixel]({foreign})") == "<p>Pixel</p>\n"
    assert web(f"![Unbekannt](/bilder/{'0' * 64})") == "<p>Unbekannt</p>\n"


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java&#10;script:alert(1)", "data:text/html,x",
        "vbscript:x", "http://plain.example/", "//evil.example", "file:///etc/passwd",
        "https://", "https://a", "https://user:pw@evil.example/", "blob:x", "mailto:a", "#oben", "termine",
        "mailto:a@b.example?bcc=c@d.example",
    ],
)  # fmt: skip
def test_a_link_that_is_refused_stays_as_its_words(typed: str) -> None:
    assert web(f"Sehen Sie [hier](<{typed}>).") == "<p>Sehen Sie hier.</p>\n"
    assert text(f"Sehen Sie [hier](<{typed}>).") == "Sehen Sie hier."
    [link] = links(f"[hier](<{typed}>)", HOUSE)
    assert link.place is None


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("/termine/7#wo", f"{ORIGIN}/termine/7#wo"),
        (f"{ORIGIN}/abo", f"{ORIGIN}/abo"),
        ("https://www.wolfsburg.example/a?b=c", "https://www.wolfsburg.example/a?b=c"),
        ("https://x.example:8443/", "https://x.example:8443/"),
        ("mailto:buero@example.org?subject=Fest", "mailto:buero@example.org?subject=Fest"),
        ("tel:+495361123", "tel:+495361123"),
    ],
)
def test_a_link_leads_to_https_mail_phone_or_our_own_pages(typed: str, place: str) -> None:
    assert place_of(typed, ORIGIN) == place
    assert Tags(web(f"[x]({typed})")).places() == [place]


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<style>*{display:none}</style>", "<!-- x -->",
    "<svg/onload=alert(1)>", '[x](/a "" onmouseover=alert(1) x="")', "{{ 7*7 }}{% include 'x' %}", "%(name)s",
    "<a href='https://evil.example' style='position:fixed'>x</a>", '![x](/a"onerror=alert(1))', "</table></body>",
    f"![\"><script>x</script>](/bilder/{SHA} 'a\" onload=\"x')", '<https://a.example/"onclick=x>', "]]>", "<?php ?>",
    "&lt;script&gt;", "&#60;script&#62;", "\x00\x08", "\u202egnp.exe", "`<script>`",
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_markup_that_was_typed_stays_text(hostile: str) -> None:
    for html in (web(hostile), mail(hostile)):
        assert_harmless(html)
    for template in ("{{ 7*7 }}", "%(name)s"):
        if template in hostile:
            assert template in text(hostile)
            assert template in Tags(web(hostile)).said


def assert_harmless(html: str) -> None:
    allowed = {"href", "src", "alt", "width", "height", "class", "style", "role", "start"}
    allowed |= {"cellpadding", "cellspacing"}
    for tag, attrs in Tags(html).found:
        assert tag in TAGS, tag
        assert attrs.keys() <= allowed, attrs
        for name in ("href", "src"):
            if name in attrs:
                assert re.match(r"https:|mailto:|tel:", attrs[name] or ""), attrs
        if tag == "img":
            assert (attrs["src"] or "").startswith(f"{ORIGIN}/bilder/")
        assert "url(" not in (attrs.get("style") or "")


@pytest.mark.parametrize("written", [*SLOTS, "&#xE000;", "&#57345;", "&#xe002;", "\\\ue000"])
def test_nobody_can_type_a_slot(written: str) -> None:
    source = f"a {written} b [x](/a{written}b) ![{written}](/bilder/{SHA})\n\n## {written}"
    for made in (web(source), mail(source), text(source)):
        assert not re.search("[\ue000-\uf8ff]", made)


def test_words_of_a_picture_may_hold_what_markdown_uses() -> None:
    alt = "Ein *Stern*, [Klammern], `Striche` & \\ mehr!"
    [shown] = pictures(line(SHA, alt), ORIGIN)
    assert (shown.alt, shown.sha256, shown.decorative) == (alt, SHA, False)
    [bare] = pictures(line(SHA, " "), ORIGIN)
    assert (bare.alt, bare.decorative) == ("", True)


def test_what_means_nothing_on_purpose_changes_nothing() -> None:
    assert web("Ende\n---") == "<p>Ende</p>\n<hr>\n"
    assert web("    vier Leerzeichen") == "<p>vier Leerzeichen</p>\n"
    assert web("[a]: https://a.example") == "<p>[a]: https://a.example</p>\n"


def test_every_link_and_picture_is_told_refused_ones_too() -> None:
    source = (
        f"[a](/a) [b](javascript:x) ![c](/bilder/{SHA}) ![](https://x.example/y) **[d](tel:123)**"
    )
    assert [(one.text, one.place is None) for one in links(source, HOUSE)] == [
        ("a", False), ("b", True), ("d", False),
    ]  # fmt: skip
    assert [(one.alt, one.sha256) for one in pictures(source, ORIGIN)] == [("c", SHA), ("", None)]


PIECES = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            ["[", "](", ")", "![", "**", "*", "`", "<", ">", '"', "'", "\n", "\n\n", "# ", "- ", "1. ", "> ", "&#",
             "javascript:", "https://a.example/", "/bilder/" + SHA, "\ue000", "<script>", "onerror=", "  \n", "\\"]
        ),
    ),
    max_size=24,
).map("".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(PIECES)
def test_nothing_anybody_types_becomes_more_than_text(source: str) -> None:
    for html in (web(source), mail(source)):
        assert_harmless(html)
        assert not re.search("[\ue000-\uf8ff]", html)
    assert not re.search("[\ue000-\uf8ff]", text(source))
