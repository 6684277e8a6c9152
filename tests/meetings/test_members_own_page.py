"""A member sees their own page and nobody else's; whoever is none reads how to join."""

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from services.meetings.domain.attendance import Coming, Reply
from services.meetings.domain.member import BoardRole, Member
from services.meetings.domain.session import Session, Status
from services.meetings.domain.tasks import Task, TaskStatus
from shared.clock import SetClock
from shared.roles import Role
from shared.service import Service
from tests.meetings.agendas import Told, plan, tell
from tests.meetings.boards import held, recorded, rule, said_on
from tests.meetings.people import Person

NewPerson = Callable[[], Person]
MARCH = date(2026, 3, 1)


async def invited(service: Service, day: str) -> UUID:
    session_id = await plan(service, day)
    async with service.db.begin() as session:
        meeting = await session.get_one(Session, session_id)
        meeting.status, meeting.invited_at = Status.INVITED, service.clock.now()
    return session_id


async def said(service: Service, session_id: UUID, member_id: UUID) -> Coming | None:
    async with service.db.read() as session:
        reply = await session.get(Reply, (session_id, member_id))
    return reply.coming if reply else None


async def test_a_member_says_whether_they_come_and_changes_it_until_the_session_begins(
    person: NewPerson, meetings: Service, clock: SetClock
) -> None:
    ayse = await recorded(meetings, "Ayse Demir", declared=MARCH)
    session_id = await invited(meetings, "2026-03-11")
    member = await person().enter(Role.MEMBER, email="ayse@example.org")
    async with meetings.db.begin() as session:
        (await session.get_one(Member, ayse)).account_id = member.account_id
    path = f"/gremium/sitzungen/{session_id}/antwort"
    shown = (await member.get("/gremium")).text
    assert "Mittwoch, 11. März 2026" in shown
    assert "Es fehlt noch 1 Sitzung." in said_on(shown)
    answer = await member.post(path, {"coming": "yes"}, page="/gremium")
    assert answer.headers["location"] == "/gremium"
    assert await said(meetings, session_id, ayse) is Coming.YES
    assert "Sie haben zugesagt." in (await member.get("/gremium")).text
    await member.post(path, {"coming": "no"}, page="/gremium")
    assert await said(meetings, session_id, ayse) is Coming.NO
    assert "Sie sind entschuldigt." in (await member.get("/gremium")).text
    clock.forward(days=9, hours=8)
    await member.sign_in()
    later = (await member.get("/gremium")).text
    assert "Ich komme" not in later
    await member.post(path, {"coming": "yes"}, page="/konto")
    assert await said(meetings, session_id, ayse) is Coming.NO


async def test_before_the_invitation_nobody_is_asked(person: NewPerson, meetings: Service) -> None:
    member = await person().enter(Role.MEMBER, email="ayse@example.org")
    ayse = await recorded(meetings, "Ayse Demir", declared=MARCH)
    session_id = await plan(meetings, "2026-03-11")
    shown = (await member.get("/gremium")).text
    assert "Die Einladung kommt noch." in shown
    path = f"/gremium/sitzungen/{session_id}/antwort"
    await member.post(path, {"coming": "yes"}, page="/konto")
    assert await said(meetings, session_id, ayse) is None


async def test_everybody_sees_their_own_right_tasks_and_address_only(
    person: NewPerson, meetings: Service
) -> None:
    await rule(meetings, earned_after=2)
    one = await person().enter(Role.MEMBER, email="ayse@example.org")
    two = await person().enter(Role.MEMBER, email="ben@example.org")
    ayse = await recorded(meetings, "Ayse Demir", declared=MARCH)
    ben = await recorded(meetings, "Ben Kruse", declared=MARCH, phone="05361 999")
    await held(meetings, "2026-03-11", there=[ben])
    await held(meetings, "2026-04-08", there=[ayse, ben])
    await give_task(meetings, ben, "Zelt leihen")
    own, others = said_on((await one.get("/gremium")).text), (await two.get("/gremium")).text
    assert "Es fehlt noch 1 Sitzung." in own
    assert "Sie waren bei 1 von 2 Sitzungen da." in own
    for word in ("Ben Kruse", "Zelt leihen", "ben@example.org"):
        assert word not in own
        assert word in others
    assert "Sie dürfen abstimmen" in others
    assert (await one.get(f"/buero/mitglieder/{ben}")).status_code == 403
    assert (await one.get(f"/buero/mitglieder/{ayse}")).status_code == 403


async def give_task(service: Service, member_id: UUID, title: str) -> None:
    async with service.db.begin() as session:
        member = await session.get_one(Member, member_id)
        task = Task(
            id=uuid7(),
            title=title,
            text="",
            due_on=date(2026, 5, 1),
            status=TaskStatus.OPEN,
            person_id=member.person_id,
            member_id=member_id,
            owner_name="",
            owner_email="",
            language="de",
            assigned_at=service.clock.now(),
        )
        session.add(task)


async def test_the_chair_finds_the_way_to_the_sessions_screen(
    person: NewPerson, meetings: Service
) -> None:
    member = await person().enter(Role.MEMBER, email="ayse@example.org")
    ayse = await recorded(meetings, "Ayse Demir", declared=MARCH)
    await held(meetings, "2026-03-11", there=[ayse])
    session_id = await invited(meetings, "2026-04-08")
    link = f"/buero/sitzungen/{session_id}/raum"
    assert link not in (await member.get("/gremium")).text
    async with meetings.db.begin() as session:
        (await session.get_one(Member, ayse)).take_roles([BoardRole.CHAIR])
    shown = (await member.get("/gremium")).text
    assert link in shown
    assert "Vorsitz" in shown


async def test_papers_are_there_from_the_invitation_on_for_members_only(
    person: NewPerson, meetings: Service
) -> None:
    member = await person().enter(Role.MEMBER, email="ayse@example.org")
    stranger = await person().enter(Role.MEMBER, email="fremd@example.org")
    await recorded(meetings, "Ayse Demir", declared=MARCH)
    planned = await plan(meetings, "2026-03-18")
    await tell(meetings, Told(meetings).admitted(planned))
    path = f"/gremium/sitzungen/{planned}/unterlagen"
    assert path not in (await member.get("/gremium")).text
    assert (await member.get(path)).status_code == 404
    async with meetings.db.begin() as session:
        (await session.get_one(Session, planned)).status = Status.INVITED
    assert path in (await member.get("/gremium")).text
    shown = await member.get(path)
    assert "no-store" in shown.headers["Cache-Control"]
    assert f"{path}.pdf" in shown.text
    assert (await member.get(f"{path}.pdf")).content.startswith(b"%PDF")
    for ending in ("", ".pdf"):
        assert (await stranger.get(path + ending)).status_code == 404


async def test_a_member_says_that_their_task_is_done(person: NewPerson, meetings: Service) -> None:
    member = await person().enter(Role.MEMBER, email="ayse@example.org")
    ayse = await recorded(meetings, "Ayse Demir", declared=MARCH)
    await give_task(meetings, ayse, "Zelt leihen")
    shown = (await member.get("/gremium")).text
    path = re.search(r'action="(/gremium/aufgaben/[^"]+)"', shown)
    assert path is not None
    assert (await member.post(path[1], page="/gremium")).status_code == 303
    assert "Sie haben nichts zu tun." in (await member.get("/gremium")).text


async def test_an_account_that_is_no_member_answers_nothing(
    person: NewPerson, meetings: Service
) -> None:
    session_id = await invited(meetings, "2026-03-11")
    stranger = await person().enter(Role.MEMBER, email="fremd@example.org")
    path = f"/gremium/sitzungen/{session_id}/antwort"
    answer = await stranger.post(path, {"coming": "yes"}, page="/konto")
    assert answer.status_code == 403
    assert "Mitmachen im Gremium" in (await stranger.get("/gremium")).text


async def test_guests_and_strangers_read_how_to_join(person: NewPerson, meetings: Service) -> None:
    await rule(meetings, earned_after=3)
    member = await person().enter(Role.MEMBER, email="ayse@example.org")
    await recorded(meetings, "Ayse Demir")
    for someone in (member, person()):
        shown = said_on((await someone.get("/gremium")).text)
        assert "Ab Ihrer 3. Sitzung dürfen Sie abstimmen." in shown
        assert "Mitglied werden" in shown
    navigation = (await member.get("/gremium")).text
    assert "Mein Gremium" in navigation
    assert "Mein Gremium" not in (await person().get("/gremium")).text
