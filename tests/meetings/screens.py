"""The session's screen and the phones in the room, driven the way people do: by forms on pages."""

import html
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from services.meetings.wall_key import wall_path
from shared.roles import Role
from tests.meetings.people import ATTRIBUTE, Person
from tests.meetings.rooms import Hall

INPUT = re.compile(r"<input\b([^>]*)>")
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
BUTTON = re.compile(
    r'<button[^>]*type="submit"([^>]*)>.*?<span class="kern-label">(.*?)</span>', re.DOTALL
)
CODE = re.compile(r'class="sb-receipt"><bdi dir="ltr">([A-Z0-9 ]+)</bdi>')
POLLED = re.compile(r'hx-get="([^"]+)"')


@dataclass(frozen=True)
class Sheet:
    """One form of a page: where it goes, what stands in it."""

    action: str
    fields: dict[str, Any]
    text: str

    def button(self, label: str) -> dict[str, str]:
        """What the button with this label sends."""
        for attributes, said in BUTTON.findall(self.text):
            if _label(said) == label:
                found = dict(ATTRIBUTE.findall(attributes))
                return {found["name"]: found["value"]} if "name" in found else {}
        raise AssertionError(f"no button {label!r} in {self.text}")


def sheets(page: str) -> list[Sheet]:
    """Every form inside main."""
    found = []
    for attributes, text in FORM.findall(page[page.find("<main") :]):
        fields = _filled_in(text)
        action = html.unescape(dict(ATTRIBUTE.findall(attributes)).get("action", ""))
        found.append(Sheet(action, fields, text))
    return found


def _filled_in(form: str) -> dict[str, Any]:
    """What a browser would send without anything typed."""
    fields: dict[str, Any] = {}
    for attributes in INPUT.findall(form):
        found = dict(ATTRIBUTE.findall(attributes))
        chosen = found.get("type") not in ("radio", "checkbox") or " checked" in attributes
        if "name" in found and chosen:
            fields[found["name"]] = html.unescape(found.get("value", ""))
    return fields


def _label(said: str) -> str:
    return html.unescape(said).replace("\xa0", " ").strip()


def with_button(page: str, label: str, *, about: str = "") -> Sheet:
    """The form that has this button, and these words or this id somewhere."""
    for sheet in sheets(page):
        said = [_label(one) for _attributes, one in BUTTON.findall(sheet.text)]
        if label in said and about in sheet.text + sheet.action:
            return sheet
    raise AssertionError(f"no form with {label!r} about {about!r} in {page[page.find('<main') :]}")


def words(page: str) -> str:
    """What somebody reads in main: no tags, one blank between words."""
    main = page[page.find("<main") :] if "<main" in page else page
    said = html.unescape(
        re.sub(
            r"<[^>]+>",
            "",
            re.sub(
                r"<(?:br|/p|/li|/dt|/dd|/div|/td|/th|/h\d|/small|/summary|/label)[^>]*>",
                " ",
                main,
            ),
        )
    )
    return " ".join(said.split())


async def press(
    who: Person,
    path: str,
    label: str,
    sent: dict[str, Any] | None = None,
    *,
    about: str = "",
    twice: bool = True,
) -> httpx.Response:
    """Open the page, fill in the form, press the button, and press it once more as after a lost answer."""
    page = await who.get(path)
    assert page.status_code == 200, page.text
    answer = await press_on(who, page, label, sent, about=about)
    if twice and answer.status_code == 303:
        again = await press_on(who, page, label, sent, about=about)
        assert again.status_code == 303, again.text
    return answer


async def press_on(
    who: Person,
    page: httpx.Response,
    label: str,
    sent: dict[str, Any] | None = None,
    *,
    about: str = "",
) -> httpx.Response:
    """Press the button of a page that is open, however old it is."""
    sheet = with_button(page.text, label, about=about)
    path = sheet.action or page.url.path
    return await who.http.post(path, data=sheet.fields | sheet.button(label) | (sent or {}))


@dataclass
class Screen:
    """The office in front of one session's screen."""

    who: Person
    hall: Hall

    @property
    def path(self) -> str:
        return f"/buero/sitzungen/{self.hall.session_id}/raum"

    @property
    def wall(self) -> str:
        return wall_path(self.hall.service.settings, self.hall.session_id)

    async def page(self, below: str = "") -> str:
        answer = await self.who.get(self.path + below)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def says(self, below: str = "") -> str:
        """What the page says, without its tags."""
        return words(await self.page(below))

    async def press(
        self, label: str, sent: dict[str, Any] | None = None, *, below: str = "", **more: Any
    ) -> httpx.Response:
        answer = await press(self.who, self.path + below, label, sent, **more)
        assert answer.status_code == 303, answer.text
        return answer

    async def poll_id(self) -> UUID:
        """The vote that is open."""
        running = (await self.hall.view()).running
        assert running is not None
        return running.poll.id

    async def call(self, item_id: UUID) -> None:
        await self.press("Diesen Punkt aufrufen", below=f"?punkt={item_id}")

    async def ask(self, manner: str = "hands", **sent: str) -> None:
        await self.press("Abstimmung eröffnen", {"motion": "grant", "manner": manner} | sent)

    async def count(self, **numbers: str) -> httpx.Response:
        """Type the numbers, look at the check page, keep the result; twice."""
        page = await self.who.get(self.path)
        check = await press_on(self.who, page, "Weiter", numbers)
        assert check.status_code == 200, check.text
        for _click in range(2):
            kept = await press_on(self.who, check, "Ergebnis festhalten")
            assert kept.status_code == 303, kept.text
        return check

    async def code_for(self, member_id: UUID) -> str:
        """What the page shows once to hand over."""
        page = await self.who.get(f"{self.path}/anwesenheit")
        label = "Code fürs Handy"
        shown = await press_on(self.who, page, label, about=str(member_id))
        found = CODE.search(shown.text)
        assert found, shown.text
        return found[1]


async def in_the_room(who: Person, hall: Hall) -> Screen:
    """The office, signed in on the evening itself."""
    await who.enter(Role.OFFICE)
    return Screen(who, hall)


async def on_phone(who: Person, screen: Screen, member_id: UUID) -> Person:
    """A member with their code, at the page where one votes."""
    own = await screen.code_for(member_id)
    answer = await press(who, "/abstimmen", "Weiter", {"wall": "abc def", "code": own})
    assert answer.headers["location"] == "/abstimmen/stimme", answer.text
    return who


async def vote(who: Person, letter: str) -> httpx.Response:
    """Choose, look at the check page, cast."""
    page = await who.get("/abstimmen/stimme")
    check = await press_on(who, page, "Weiter", {"stimme": letter})
    assert check.status_code == 200, check.text
    return await press_on(who, check, "Stimme abgeben")


def polled(page: str) -> str:
    """What the page asks for every two seconds."""
    found = POLLED.search(page)
    assert found, page
    return html.unescape(found[1])
