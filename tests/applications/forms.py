"""What a browser would send: the fields of a page's form as they stand there."""

from html.parser import HTMLParser
from typing import Any

CONTROLS = ("input", "select", "textarea")


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        name, value = known.get("name") or "", known.get("value") or ""
        if tag == "input" and name and self._counts(known):
            self.found[name] = value
        if tag == "select":
            self._select = name
        if tag == "option" and ("selected" in known or self._select not in self.found):
            self.found[self._select] = value
        if tag == "textarea":
            self._area = name
            self.found[name] = ""

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data.removeprefix("\n")

    @staticmethod
    def _counts(known: dict[str, Any]) -> bool:
        return known.get("type") not in ("checkbox", "radio") or "checked" in known


def fields_of(html: str) -> dict[str, str]:
    """Every field of the page's main part, ticked boxes only; buttons are not fields."""
    main = html.split("<main", 1)[1].split("</main>", 1)[0]
    page = _Fields()
    page.feed(main)
    return page.found


def error_of(html: str, name: str) -> str:
    """The sentence beside a field; "" if there is none."""
    _, found, after = html.partition(f'id="{name}-error"')
    return after.split('<span class="kern-body">', 1)[1].split("</span>", 1)[0] if found else ""
