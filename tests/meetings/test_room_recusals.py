"""Who is left out of an item: declared by click, or known from the application."""

from uuid import UUID

import pytest
from sqlalchemy import select

from services.meetings.commands import room
from services.meetings.commands.recusals import same_name
from services.meetings.domain.member import UnitKind
from services.meetings.domain.recusal import Recusal, RecusedBecause
from services.meetings.domain.room import PollIsOpen
from services.meetings.store import Audit
from shared.service import Service
from tests.meetings.agendas import PAPER, tell
from tests.meetings.rooms import Hall, opened


async def recusals(hall: Hall) -> dict[UUID, tuple[RecusedBecause, bool]]:
    async with hall.service.db.read() as session:
        found = await session.scalars(select(Recusal))
        return {one.member_id: (one.because, one.known) for one in found}


async def declare(
    hall: Hall, item: UUID, member: UUID, because: RecusedBecause = RecusedBecause.RELATIVE
) -> None:
    await hall.do(
        lambda s: room.recuse(s, hall.session_id, item, member, hall.order(), because=because)
    )


async def lift(hall: Hall, item: UUID, member: UUID, reason: str = "Ein Irrtum") -> None:
    await hall.do(
        lambda s: room.unrecuse(s, hall.session_id, item, member, hall.order(), reason=reason)
    )


async def applied(hall: Hall, *, sponsor: str = "", email: str | None = None) -> UUID:
    """The paper of the first application, by this organisation or this person."""
    person = await hall.service.seals.person(email=email)
    paper = PAPER.model_copy(update={"sponsor": sponsor})
    await tell(hall.service, await hall.cases[0].paper(person, paper))
    return await hall.case_item()


async def test_the_applicant_on_the_board_is_known_under_another_id(meetings: Service) -> None:
    hall = await opened(meetings, there=3, absent=0, cases=1)
    applicant = await hall.member(email="frieda@example.org")
    await hall.arrive(applicant)
    item = await applied(hall, email=" FRIEDA@example.org")
    await hall.call(item)
    assert await recusals(hall) == {applicant: (RecusedBecause.APPLICANT, True)}
    view = await hall.view()
    assert (view.counted.present, view.counted.recused) == (4, 1)
    assert [one.member.id for one in view.barred] == [applicant]


async def test_all_of_the_institution_that_applies_are_known(meetings: Service) -> None:
    hall = await opened(meetings, there=2, absent=0, cases=1)
    club = await hall.unit("Kulturverein  Westhagen e.V.")
    home = await hall.unit("Kulturverein Westhagen e.V.", UnitKind.HOUSEHOLD)
    other = await hall.unit("Kulturverein Nordstadt e.V.")
    ours = [await hall.member(unit_id=club) for _one in range(2)]
    await hall.member(unit_id=other)
    await hall.member(unit_id=home)
    item = await applied(hall, sponsor="KULTURVEREIN Westhagen", email="post@kultur.example")
    await hall.call(item)
    known = (RecusedBecause.INSTITUTION, True)
    assert await recusals(hall) == {ours[0]: known, ours[1]: known}


async def test_people_without_an_address_are_not_taken_for_one_another(meetings: Service) -> None:
    hall = await opened(meetings, there=2, absent=0, cases=1)
    item = await applied(hall, email=None)
    await hall.call(item)
    assert await recusals(hall) == {}


async def test_an_erased_applicant_is_nobody(meetings: Service) -> None:
    hall = await opened(meetings, there=1, absent=0, cases=1)
    item = await applied(hall, sponsor="Kulturverein", email="weg@example.org")
    person = await meetings.seals.person(email="weg@example.org")
    await meetings.seals.erase(person)
    await hall.call(item)
    assert await recusals(hall) == {}


async def test_what_was_lifted_stays_lifted_and_the_trail_says_why(meetings: Service) -> None:
    hall = await opened(meetings, there=2, absent=0, cases=1)
    applicant = await hall.member(email="frieda@example.org")
    item, other = await applied(hall, email="frieda@example.org"), await hall.item()
    await hall.call(item)
    await lift(hall, item, applicant, "Gleiche Adresse, andere Person")
    await hall.call(other)
    await hall.call(item)
    assert await recusals(hall) == {}
    async with meetings.db.read() as session:
        entry = (await session.scalars(select(Audit).where(Audit.action == "room.unrecuse"))).one()
    assert entry.subject == str(item)
    assert entry.details == {
        "because": "applicant",
        "known": True,
        "reason": "Gleiche Adresse, andere Person",
    }


async def test_a_click_recuses_another_reason_replaces_and_the_same_changes_nothing(
    meetings: Service,
) -> None:
    hall = await opened(meetings, there=3, absent=0)
    item, member = await hall.item(), hall.members[0]
    await declare(hall, item, member)
    await declare(hall, item, member)
    await declare(hall, item, member, RecusedBecause.EMPLOYER)
    assert await recusals(hall) == {member: (RecusedBecause.EMPLOYER, False)}
    await lift(hall, item, member)
    await lift(hall, item, member)
    async with meetings.db.read() as session:
        actions = list(
            await session.scalars(select(Audit.action).where(Audit.subject == str(item)))
        )
    assert sorted(actions) == ["room.recuse", "room.recuse", "room.unrecuse"]


async def test_nobody_is_recused_or_brought_back_while_it_is_voted_on(meetings: Service) -> None:
    hall = await opened(meetings, there=3, absent=0)
    item, other = await hall.item(), await hall.item("Anderes")
    await declare(hall, item, hall.members[0])
    await hall.ask(item)
    with pytest.raises(PollIsOpen):
        await declare(hall, item, hall.members[1])
    with pytest.raises(PollIsOpen):
        await lift(hall, item, hall.members[0])
    await declare(hall, other, hall.members[1])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Kulturverein Westhagen e.V.", "kulturverein  westhagen", True),
        ("Kulturverein Westhagen e. V.", "Kulturverein-Westhagen e.V.", True),
        ("Stadtwerk gGmbH", "Stadtwerk", True),
        ("Treff am Markt", "Treff am Markt 2", False),
        ("Schule Nord", "Schule Süd", False),
        ("e.V.", "gGmbH", False),
    ],
)
def test_names_of_institutions_are_compared_without_their_legal_form(
    one: str, other: str, same: bool
) -> None:
    assert (same_name(one) == same_name(other)) is same
