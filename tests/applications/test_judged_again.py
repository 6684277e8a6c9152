"""A judgement holds for the answers it was given on: when they change, a person is asked again."""

from collections.abc import Callable

from services.applications.commands.entry import rewrite
from services.applications.commands.formal import judge
from services.applications.commands.money import locked_application
from services.applications.domain.answers import Answers
from services.applications.domain.checklist import LOOKS_AT, Judgement
from services.applications.queries.check import check_of
from shared.events.applications import CheckItem
from shared.service import Service
from tests.applications.people import Resident, stored
from tests.applications.stages import OFFICE


async def test_changed_answers_open_the_lines_that_look_at_them(
    applications: Service, resident: Callable[..., Resident]
) -> None:
    await resident().apply()
    [one] = await stored(applications)
    at = applications.clock.now()
    async with applications.db.begin() as session:
        application = await locked_application(session, one.id)
        for item in LOOKS_AT:
            yes = Judgement.YES
            await judge(session, application, item, yes, text="geht", actor=OFFICE, at=at)
    async with applications.db.begin() as session:
        application = await locked_application(session, one.id)
        given = Answers.model_validate(application.answers)
        costs = given.costs.model_copy(update={"asked_cents": given.costs.asked_cents - 100})
        better = given.model_copy(update={"costs": costs})
        await rewrite(session, application, better, actor=OFFICE, seals=applications.seals, at=at)
    async with applications.db.read() as session:
        application = await session.get_one(type(one), one.id)
        open_again = {
            line.item for line in await check_of(session, application) if line.mark is None
        }
    asked_again = {CheckItem.FUNDING_PLAN, CheckItem.CAP}
    assert open_again & set(LOOKS_AT) == asked_again


def test_every_field_a_line_looks_at_is_a_field_of_the_form() -> None:
    fields = {
        name
        for part in Answers.model_fields.values()
        for name in part.annotation.model_fields  # type: ignore[union-attr]
    }
    assert set().union(*LOOKS_AT.values()) <= fields
