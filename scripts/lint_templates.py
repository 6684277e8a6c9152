"""Templates parse, obey the content security policy, and leave no German outside gettext."""

import re
import sys
from html.parser import HTMLParser
from typing import Final

from jinja2 import Environment, TemplateSyntaxError

from scripts.files import ROOT, ours, report

LETTERS: Final = "services/notifications/letters/"
"""Mail programs know no stylesheet of ours: other rules."""

VOID: Final = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
JINJA: Final = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
TAG_NAME: Final = re.compile(r"(</?){{.*?}}")
CODE: Final = re.compile(r"{%-?\s*call code\b.*?{%-?\s*endcall\s*-?%}", re.DOTALL)
ATTRIBUTES: Final = re.compile(r'[\w-]+="[^"]*"')
NAMES: Final = re.compile(r"\b(?:Atom|JSON|Feed|iCalendar|RSS|Stadtteilbote)\b")
"""What has the same name in every language."""

TRANSLATED: Final = re.compile(r"{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}", re.DOTALL)
RAW: Final = {"script", "style", "code", "pre"}
SPOKEN: Final = re.compile(r"[A-Za-zÄÖÜäöüß]{3,}")
SPOKEN_ATTRIBUTES: Final = {"title", "aria-label", "placeholder", "alt"}


class Page(HTMLParser):
    """Collects what a page must not have; line numbers are the template's."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "style":
                self._say(f"<{tag} style=…>: the policy blocks it, use a class")
            if name.startswith(("on", "hx-on", "js:")):
                self._say(f"<{tag} {name}=…>: the policy blocks it")
            if value and value.strip().lower().startswith("javascript:"):
                self._say(f"<{tag} {name}=javascript:…>")
            if name in SPOKEN_ATTRIBUTES and value and SPOKEN.search(NAMES.sub("", value)):
                self._say(f"{name}={value!r} is not translated")
        if tag == "style" or (tag == "script" and "src" not in dict(attrs)):
            self._say(f"<{tag}> with content: the policy blocks it")
        if tag not in VOID:
            literal = "sb-mono" in (dict(attrs).get("class") or "")
            self.inside.append("code" if literal else tag)

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() not in (tag, "code"):
            pass

    def handle_data(self, data: str) -> None:
        said = NAMES.sub("", ATTRIBUTES.sub("", data))
        if not RAW.intersection(self.inside) and (words := SPOKEN.search(said)):
            self._say(f"{words.group()!r} is not translated")

    def _say(self, what: str) -> None:
        self.found.append((self.getpos()[0], what))


def findings_in(name: str, text: str) -> list[str]:
    """Each as `file:line: why`."""
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
    try:
        environment.parse(text)
    except TemplateSyntaxError as error:
        return [f"{name}:{error.lineno}: {error.message}"]
    if name.startswith(LETTERS) or not name.endswith(".html"):
        return []
    page = Page()
    page.feed(_without_jinja(text))
    return [f"{name}:{line}: {why}" for line, why in page.found]


def _without_jinja(text: str) -> str:
    """The same lines with every expression gone, so that what is left is said as it stands."""
    text = TAG_NAME.sub(r"\1x", text)
    for pattern in (TRANSLATED, CODE, JINJA):
        text = pattern.sub(lambda match: "\n" * match.group().count("\n"), text)
    return text


def main() -> int:
    findings: list[str] = []
    for file in ours(".html", ".txt", ".xml"):
        name = str(file.relative_to(ROOT))
        if name.startswith(("shared/", "services/")) and ("/templates/" in name or LETTERS in name):
            findings += findings_in(name, file.read_text("utf-8"))
    return report(findings)


if __name__ == "__main__":
    sys.exit(main())
