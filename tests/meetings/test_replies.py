"""Members answer by their link until the session begins, read the papers, and reach nobody else's."""

from collections.abc import Callable
from io import BytesIO
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from services.meetings.commands.replies import note_reply, reply
from services.meetings.domain.attendance import Coming, Reply
from services.meetings.domain.board import OneVotePer
from services.meetings.domain.invitation import AlreadyBegun, NotAMember, NotInvited
from services.meetings.domain.member import Member, MemberStatus, Unit, UnitKind
from services.meetings.domain.session import Session
from services.meetings.queries import the_board
from services.meetings.queries.preparation import Answers, answers_of
from shared.clock import SetClock
from shared.service import Service
from tests.meetings.agendas import Told, cancel, order, tell
from tests.meetings.people import Person
from tests.meetings.preparation import (
    evening,
    found,
    invite,
    invited,
    members,
    own_item,
    way_in,
)

NewPerson = Callable[[], Person]


async def sent_out(service: Service, day: str = "2026-05-06") -> tuple[UUID, Member, str]:
    """A session, one member who is invited, and the way their letter shows."""
    session_id, case = await evening(service, day), Told(service)
    applicant = await service.seals.person(email="frieda@example.org")
    await tell(service, case.admitted(session_id), await case.paper(applicant))
    await own_item(service, session_id)
    [member] = await members(service, 1, name=f"Mina {day}")
    await invite(service, session_id)
    letter = next(one for one in await invited(service) if one.member_id == member.id)
    return session_id, member, await way_in(service, letter)


async def replies(service: Service) -> list[tuple[UUID, str]]:
    async with service.db.read() as session:
        kept = await session.scalars(select(Reply).order_by(Reply.replied_at))
        return [(one.member_id, one.coming.value) for one in kept]


async def answers(service: Service, session_id: UUID) -> Answers:
    async with service.db.read() as session:
        return await answers_of(session, await session.get_one(Session, session_id))


async def say(who: Person, way: str, coming: str) -> httpx.Response:
    return await who.post(way, {"coming": coming})


async def test_a_member_says_they_come_and_changes_their_mind(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    _may, member, way = await sent_out(meetings)
    mina = person()
    shown = await mina.get(way)
    assert "Ich komme" in shown.text
    assert "Wie weiter mit dem Garten" in shown.text
    assert "no-store" in shown.headers["cache-control"]
    assert (await say(mina, way, "yes")).status_code == 303
    assert "Sie haben zugesagt." in (await mina.get(way)).text
    clock.forward(days=1)
    await say(mina, way, "no")
    assert await replies(meetings) == [(member.id, "no")]
    assert "entschuldigt" in (await mina.get(way)).text


async def test_looking_changes_nothing(person: NewPerson, meetings: Service) -> None:
    _may, _member, way = await sent_out(meetings)
    for query in ({}, {"coming": "yes"}):
        assert (await person().get(way, **query)).status_code == 200
    assert await replies(meetings) == []


@pytest.mark.parametrize("typed", [{}, {"coming": ""}, {"coming": "maybe"}])
async def test_what_is_no_answer_is_asked_again(
    person: NewPerson, meetings: Service, typed: dict[str, str]
) -> None:
    _may, _member, way = await sent_out(meetings)
    answer = await person().post(way, typed)
    assert answer.status_code == 422
    assert 'href="#coming"' in answer.text
    assert await replies(meetings) == []


async def test_the_same_answer_again_keeps_when_it_was_given(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    may, _member, way = await sent_out(meetings)
    await say(person(), way, "yes")
    [first] = (await answers(meetings, may)).said(Coming.YES)
    clock.forward(days=1)
    await say(person(), way, "yes")
    [second] = (await answers(meetings, may)).said(Coming.YES)
    assert second.replied_at == first.replied_at


async def test_a_link_of_another_session_opens_nothing(
    person: NewPerson, meetings: Service
) -> None:
    may, _member, way = await sent_out(meetings)
    june, _other, _way = await sent_out(meetings, "2026-06-10")
    token = way.rsplit("/", 1)[1]
    for path in (
        f"/sitzungen/{june}/antwort/{token}",
        f"/sitzungen/{june}/unterlagen/{token}",
        f"/sitzungen/{june}/unterlagen/{token}/unterlagen.pdf",
        f"/sitzungen/{may}/antwort/geraten",
    ):
        refused = await person().get(path)
        assert refused.status_code == 404
        assert "Dieser Link geht nicht" in refused.text
    forged = await person().post(f"/sitzungen/{june}/antwort/{token}", {"coming": "yes"}, page=way)
    assert forged.status_code == 404
    assert await replies(meetings) == []


async def test_from_the_first_minute_on_no_answer_changes_and_the_papers_stay_readable(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    may, member, way = await sent_out(meetings)
    mina = person()
    await say(mina, way, "yes")
    begins = (await found(meetings, may)).starts_at
    clock.forward(seconds=int((begins - clock.now()).total_seconds()))
    assert "Hier können Sie nicht mehr antworten" in (await mina.get(way)).text
    await say(mina, way, "no")
    assert await replies(meetings) == [(member.id, "yes")]
    assert (await mina.get(way.replace("antwort", "unterlagen"))).status_code == 200
    clock.forward(days=1)
    assert (await mina.get(way)).status_code == 404


async def test_a_cancelled_session_is_not_answered(person: NewPerson, meetings: Service) -> None:
    may, _member, way = await sent_out(meetings)
    await cancel(meetings, may)
    assert "Diese Sitzung fällt aus" in (await person().get(way)).text
    await say(person(), way, "yes")
    assert await replies(meetings) == []


async def test_who_left_or_is_erased_has_no_link_any_more(
    person: NewPerson, meetings: Service
) -> None:
    may, member, way = await sent_out(meetings)
    async with meetings.db.begin() as session:
        (await session.get_one(Member, member.id)).erase(at=meetings.clock.now())
    assert (await person().get(way)).status_code == 404
    with pytest.raises(NotAMember):
        async with meetings.db.begin() as session:
            await reply(session, may, member.id, Coming.YES, at=meetings.clock.now())


async def test_members_read_the_papers_and_no_files_of_applicants(
    person: NewPerson, meetings: Service
) -> None:
    _may, _member, way = await sent_out(meetings)
    path = way.replace("antwort", "unterlagen")
    shown = await person().get(path)
    for words in ("Frieda Kruse", "Wir grillen", "Zelt", "Dazu gehören 2 Dateien"):
        assert words in shown.text
    assert "/buero/antraege/dateien" not in shown.text
    assert "no-store" in shown.headers["cache-control"]
    file = await person().get(f"{path}/unterlagen.pdf")
    assert file.headers["content-type"] == "application/pdf"
    pages = PdfReader(BytesIO(file.content)).pages
    assert "Frieda Kruse" in "".join(page.extract_text() for page in pages)


async def test_papers_of_somebody_erased_say_so(person: NewPerson, meetings: Service) -> None:
    may, case = await evening(meetings), Told(meetings)
    applicant = await meetings.seals.person(email="frieda@example.org")
    await tell(
        meetings,
        case.admitted(may),
        await case.paper(applicant),
        await case.statement(applicant, "Frieda hat recht."),
    )
    await members(meetings, 1)
    await invite(meetings, may)
    way = await way_in(meetings, (await invited(meetings))[0])
    await meetings.seals.erase(applicant)
    shown = (await person().get(way.replace("antwort", "unterlagen"))).text
    assert shown.count("(gelöscht)") == 2
    assert "Frieda" not in shown


async def test_only_an_invited_session_is_answered(meetings: Service, clock: SetClock) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    [member] = await members(meetings, 1)
    [guest] = await members(meetings, 1, status=MemberStatus.GUEST)

    async def answer(who: Member) -> None:
        async with meetings.db.begin() as session:
            await reply(session, may, who.id, Coming.YES, at=clock.now())

    with pytest.raises(NotInvited):
        await answer(member)
    await invite(meetings, may)
    with pytest.raises(NotAMember):
        await answer(guest)
    await answer(member)
    clock.forward(days=90)
    with pytest.raises(AlreadyBegun):
        await answer(member)


async def test_the_expected_quorum_counts_votes_not_heads(meetings: Service) -> None:
    may = await evening(meetings)
    await own_item(meetings, may)
    one, two, three, _four = await members(meetings, 4)
    [declared] = await members(meetings, 1, status=MemberStatus.DECLARED)
    async with meetings.db.begin() as session:
        board, _rules = await the_board(session)
        unit = Unit(board_id=board.id, kind=UnitKind.INSTITUTION, name="Verein")
        session.add(unit)
        await session.flush()
        for member in (one, two):
            (await session.get_one(Member, member.id)).unit_id = unit.id
        meeting = await session.get_one(Session, may)
        meeting.rules = meeting.rules | {
            "one_vote_per": OneVotePer.INSTITUTION,
            "quorum_kind": "more_than_half",
            "quorum": None,
        }
    await invite(meetings, may)
    for member, coming in (
        (one, Coming.YES),
        (two, Coming.YES),
        (declared, Coming.YES),
        (three, Coming.NO),
    ):
        async with meetings.db.begin() as session:
            await note_reply(session, may, member.id, coming, order(meetings))
    told = await answers(meetings, may)
    assert (told.votes_coming, told.quorum, told.missing) == (1, 2, 1)
    assert [len(told.said(one_)) for one_ in (Coming.YES, Coming.NO, None)] == [3, 1, 1]
