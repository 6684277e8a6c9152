"""The projector: whoever has its address sees what everybody may see, and never how a vote is going."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.meetings.commands.votes import answer
from services.meetings.domain.polls import Choice
from services.meetings.domain.votes import Answer
from services.meetings.wall_key import wall_path
from shared.events.meetings import Manner, Motion
from shared.service import Service
from shared.web.i18n import LANGUAGES, direction
from tests.meetings.agendas import tell
from tests.meetings.people import Person, told
from tests.meetings.rooms import Hall, invited, opened
from tests.meetings.screens import polled, words

NewPerson = Callable[[], Person]
GRANT = {"motion": Motion.GRANT, "text": "", "amount_cents": 65000}


def wall_of(hall: Hall) -> str:
    return wall_path(hall.service.settings, hall.session_id)


async def test_only_its_own_address_shows_it(person: NewPerson, meetings: Service) -> None:
    hall = await opened(meetings)
    somebody, path = person(), wall_of(hall)
    assert (await somebody.get(path)).status_code == 200
    foreign = wall_path(meetings.settings, uuid7()).rpartition("/")[2]
    for key in (foreign, "x" * 26, path.rpartition("/")[2].upper(), "ä"):
        wrong = f"/sitzungen/{hall.session_id}/leinwand/{key}"
        assert (await somebody.get(wrong)).status_code == 404
        assert (await somebody.get(f"{wrong}/stand")).status_code == 404


async def test_it_waits_with_the_code_and_the_way_to_vote(
    person: NewPerson, meetings: Service
) -> None:
    hall = await invited(meetings)
    somebody = person()
    assert "Wir fangen gleich an." in words((await somebody.get(wall_of(hall))).text)
    await hall.open()
    page = (await somebody.get(wall_of(hall))).text
    assert "ABCDEF" in page and "stadtteil.example/abstimmen" in page and "data:image/svg" in page
    assert "<nav" not in page and "<form" not in page


@pytest.mark.parametrize("manner", [Manner.NAMED, Manner.SECRET])
async def test_it_counts_ballots_and_never_shows_how_they_stand(
    person: NewPerson, meetings: Service, manner: Manner
) -> None:
    hall = await opened(meetings, there=6, cases=1)
    item_id = await hall.case_item()
    await hall.call(item_id)
    poll_id = await hall.ask(item_id, manner, **GRANT)
    somebody, seen = person(), set()
    for number, member_id in enumerate(hall.members[:6], start=1):
        choice = Choice.NO if number % 2 else Choice.YES
        cast = hall.say if manner is Manner.NAMED else hall.slip
        await cast(poll_id, member_id, choice)
        page = (await somebody.get(wall_of(hall))).text
        assert f"{number} von 6 haben abgestimmt" in words(page)
        for telling in ("Ja", "Nein", "Enthaltung", "Angenommen", "Abgelehnt", "sb-bar", "rect"):
            assert telling not in page[page.find("<main") :], telling
        seen.add(words(page).replace(f"{number} von", "n von"))
    assert len(seen) == 1, "but for the number it is the same page"
    await hall.count(poll_id)
    said = words((await somebody.get(wall_of(hall))).text)
    assert "Abgelehnt" in said and "3 Ja 3 Nein 0 Enthaltung" in said


async def test_the_result_comes_with_its_reason_and_what_is_left(
    person: NewPerson, meetings: Service
) -> None:
    hall = await opened(meetings, there=6, cases=1)
    item_id = await hall.case_item()
    await hall.call(item_id)
    poll_id = await hall.ask(item_id, Manner.HANDS, **GRANT)
    somebody = person()
    assert "Es wird abgestimmt" in words((await somebody.get(wall_of(hall))).text)
    await hall.count(poll_id, 5, 1, 0)
    said = words((await somebody.get(wall_of(hall))).text)
    assert "Angenommen" in said and "5 Ja 1 Nein" in said and "Wir prüfen gerade" in said
    await tell(meetings, hall.cases[0].reserved(poll_id, 65000))
    said = words((await somebody.get(wall_of(hall))).text)
    assert "Danach sind im Fonds noch 1.000,00 € frei." in said
    assert len(await told(meetings, "vote.closed")) == 1


async def test_it_is_asked_every_two_seconds_and_answers_only_what_is_new(
    person: NewPerson, meetings: Service
) -> None:
    hall = await opened(meetings, there=6, cases=1)
    somebody = person()
    asked = polled((await somebody.get(wall_of(hall))).text)
    assert (await somebody.get(asked)).status_code == 204
    await hall.call(await hall.case_item())
    fresh = await somebody.get(asked)
    assert fresh.status_code == 200 and "Sommerfest im Innenhof" in fresh.text
    assert (await somebody.get(polled(fresh.text))).status_code == 204


async def test_it_names_nobody(person: NewPerson, meetings: Service) -> None:
    hall = await opened(meetings, there=6, cases=1)
    await hall.call(await hall.case_item())
    await hall.ask(await hall.case_item(), Manner.NAMED, **GRANT)
    page = (await person().get(wall_of(hall))).text
    view = await hall.view()
    assert not [one.member.name for one in view.people if one.member.name in page]


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
async def test_every_picture_speaks_every_language(
    person: NewPerson, meetings: Service, lang: str
) -> None:
    hall = await opened(meetings, there=6, cases=1)
    somebody, item_id = person(), await hall.case_item()
    await somebody.get(wall_of(hall), lang=lang)

    async def look() -> None:
        page = (await somebody.get(wall_of(hall))).text
        assert f'<html lang="{lang}" dir="{direction(lang)}">' in page
        assert page.count("<h1") == 1 and "%(" not in page and 'style="' not in page

    await look()
    await hall.call(item_id)
    await look()
    poll_id = await hall.ask(item_id, Manner.SECRET, **GRANT)
    await look()
    for member_id in hall.members[:6]:
        await hall.slip(poll_id, member_id)
    await hall.count(poll_id)
    await look()
    await hall.do(lambda s: _answered(s, poll_id))
    await hall.close()
    await look()


async def _answered(session: AsyncSession, poll_id: UUID) -> None:
    await answer(session, poll_id, Answer.RESERVED)
