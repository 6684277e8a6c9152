"""The same letter for many: rendered once for each language, with a name and without one.

What differs from reader to reader stands in the rendered text as a word that nobody can guess, and
is put in at the end; so nothing people type can fill or fake such a place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import Any, Final

from markupsafe import escape

from services.notifications import links
from services.notifications.addressbook import Recipient
from services.notifications.letters.kinds import Kind
from services.notifications.letters.rendering import Written, write
from shared.service import Service
from shared.web.brand import Brand

NAME: Final = f"n{token_hex(16)}"
MANAGE: Final = f"m{token_hex(16)}"
END: Final = f"e{token_hex(16)}"


@dataclass(frozen=True)
class Subscribed:
    """The letters of one call to readers of a subscription; equal facts are one and the same object."""

    service: Service
    brand: Brand
    _rendered: dict[tuple[str, str, bool, int], Written] = field(default_factory=dict)

    def written(self, kind: Kind, to: Recipient, facts: Mapping[str, Any]) -> tuple[Written, str]:
        """The reader's own letter, and the address that ends the subscription with one POST."""
        assert to.subscription_id is not None
        settings, name = self.service.settings, " ".join(to.name.split())
        key = (kind.name, to.language, bool(name), id(facts))
        if key not in self._rendered:
            self._rendered[key] = self._render(kind, to.language, facts, named=bool(name))
        end = links.url(settings, links.Purpose.UNSUBSCRIBE, to.subscription_id)
        manage = links.url(settings, links.Purpose.MANAGE, to.subscription_id)
        own = {NAME: name, MANAGE: manage, END: end}
        whole = self._rendered[key]
        text, html = whole.text, whole.html
        for place, said in own.items():
            text, html = text.replace(place, said), html.replace(place, str(escape(said)))
        return replace(whole, text=text, html=html), end

    def _render(
        self, kind: Kind, language: str, facts: Mapping[str, Any], *, named: bool
    ) -> Written:
        return write(
            kind.name,
            language=language,
            name=NAME if named else "",
            brand=self.brand,
            origin=self.service.settings.origin,
            facts={**facts, "manage_url": MANAGE, "unsubscribe_url": END},
        )
