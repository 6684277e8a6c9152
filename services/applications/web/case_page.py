"""One case as the office reads it: next act, check, application, money, decisions, and its trail."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.statements import OPEN
from services.applications.queries.board import neighbours
from services.applications.queries.case import attachment
from services.applications.queries.whole import Whole, whole_case
from services.applications.web.case_desk import CASE, HERE, handed_in, ordered
from services.applications.web.case_shown import (
    WORDS,
    is_office,
    line_of,
    may_judge,
    now_context,
    reason_of,
    steps_of,
    to_come,
    voice_of,
)
from services.applications.web.files import sent_file
from services.applications.web.prints import may_print_agreement, may_print_letter
from services.applications.web.shown import as_typed, sections, sums
from services.applications.web.visit import now, service_of
from services.applications.web.words import BADGES
from shared.web.access import Guarded
from shared.web.pages import language_of, page

router = Guarded()


@router.get(CASE, action="office.read")
async def case(request: Request, application_id: UUID) -> Response:
    """Next act, check, application, money, decisions, and the trail of who did what."""
    async with service_of(request).db.read() as session:
        application = await handed_in(session, application_id)
        whole = await whole_case(session, application, at=now(request))
        newer, older = await neighbours(session, application)
    return page(
        request,
        "office/case.html",
        title=application.title or str(application.number),
        here=HERE,
        application=application,
        badge=BADGES[application.status],
        newer=newer,
        older=older,
        **_answers(request, whole),
        **_record(request, whole),
        **now_context(request, whole),
        **WORDS,
    )


@router.get(CASE + "/dateien/{file_id}", action="office.read")
async def download(request: Request, application_id: UUID, file_id: UUID) -> Response:
    """A file that was handed in."""
    async with service_of(request).db.read() as session:
        application = await handed_in(session, application_id)
        file = await attachment(session, application.id, file_id)
    return sent_file(request, file)


def _answers(request: Request, whole: Whole) -> dict[str, Any]:
    """What was handed in, and the check of it."""
    application, answers = whole.application, whole.case.answers
    typed = as_typed(answers) if answers else {}
    return {
        "case": whole.case,
        "sections": sections(typed, whole.rules, language_of(request)),
        "sums": sums(typed),
        "field": whole.rules.field(application.field_of_action or ""),
        "lines": [line_of(request, whole, check) for check in whole.check],
        "may_judge": may_judge(request, whole),
        "hidden": ordered(application),
        "rules_page": f"/buero/fonds/{application.fund}",
    }


def _record(request: Request, whole: Whole) -> dict[str, Any]:
    """What became of it."""
    application, voice = whole.application, voice_of(request)
    office = is_office(request)
    return {
        "to_come": to_come(whole),
        "steps": steps_of(request, whole),
        "reason_of": lambda decision: reason_of(decision, voice),
        "may_ask": office and application.status in OPEN and whole.held is None,
        "may_erase": office and application.person_id is not None,
        "has_letter": may_print_letter(whole),
        "has_agreement": may_print_agreement(whole),
    }
