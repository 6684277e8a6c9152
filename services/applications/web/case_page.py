"""One case as the office reads it: next act, check, application, money, decisions, and its trail."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.applications.domain import Rules
from services.applications.queries.board import neighbours
from services.applications.queries.case import attachment, case_of, trail
from services.applications.web.case_desk import CASE, HERE, handed_in
from services.applications.web.files import sent_file
from services.applications.web.shown import as_typed, readable_phone, sections, sums
from services.applications.web.visit import service_of
from services.applications.web.words import ACTORS, ACTS, BADGES, TOLD
from shared.web.access import Guarded, Role, actor_of
from shared.web.pages import language_of, page

router = Guarded()


@router.get(CASE, action="office.read")
async def case(request: Request, application_id: UUID) -> Response:
    """Next act, application, money, files, and the trail of who did what."""
    async with service_of(request).db.read() as session:
        application = await handed_in(session, application_id)
        found, steps = await case_of(session, application), await trail(session, application)
        newer, older = await neighbours(session, application)
    rules, lang = Rules.model_validate(application.rules), language_of(request)
    typed = as_typed(found.answers) if found.answers else {}
    return page(
        request,
        "office/case.html",
        title=application.title or str(application.number),
        here=HERE,
        case=found,
        application=application,
        badge=BADGES[application.status],
        sections=sections(typed, rules, lang),
        sums=sums(typed),
        call=readable_phone(typed.get("phone", "")),
        field=rules.field(application.field_of_action or ""),
        steps=steps,
        newer=newer,
        older=older,
        may_erase=actor_of(request).has(Role.OFFICE) and application.person_id is not None,
        acts=ACTS,
        told=TOLD,
        actors=ACTORS,
    )


@router.get(CASE + "/dateien/{file_id}", action="office.read")
async def download(request: Request, application_id: UUID, file_id: UUID) -> Response:
    """A file that was handed in."""
    async with service_of(request).db.read() as session:
        application = await handed_in(session, application_id)
        file = await attachment(session, application.id, file_id)
    return sent_file(request, file)
