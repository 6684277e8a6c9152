"""A case to download: the letter and the agreement as the applicant has them, and the whole file."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.applications.queries.whole import Whole
from services.applications.web.case_desk import CASE, opened
from services.applications.web.prints import (
    agreement_facts,
    case_url_of,
    explanation_of,
    letter_facts,
    may_print_agreement,
    may_print_letter,
)
from services.applications.web.prints_file import case_facts
from services.applications.web.visit import now, service_of
from shared.print import agreement, case_file, decision_letter
from shared.web.access import Guarded
from shared.web.pages import language_of

router = Guarded()


@router.get(CASE + "/bescheid.pdf", action="office.read")
async def letter_pdf(request: Request, application_id: UUID) -> Response:
    """The letter about the last decision, in the applicant's language."""
    return await printed_letter(request, await opened(request, application_id))


@router.get(CASE + "/vereinbarung.pdf", action="office.read")
async def agreement_pdf(request: Request, application_id: UUID) -> Response:
    """The agreement to sign, or as it was signed."""
    return await printed_agreement(request, await opened(request, application_id))


@router.get(CASE + "/akte.pdf", action="office.read")
async def file_pdf(request: Request, application_id: UUID) -> Response:
    """Everything known about the case, in the reader's language; never for the applicant."""
    whole, language = await opened(request, application_id), language_of(request)
    facts = case_facts(whole, language=language, at=now(request))
    return await _pressed(request, case_file, facts, whole, language=language, name="akte")


async def printed_letter(request: Request, whole: Whole) -> Response:
    """Letter and file name; 404 without a decision or without anybody to address it to."""
    if not may_print_letter(whole):
        raise HTTPException(404)
    service = service_of(request)
    url = case_url_of(service.settings.origin, whole.application)
    words = await explanation_of(whole, service.seals)
    facts = letter_facts(whole, case_url=url, explanation=words)
    language = whole.application.language
    return await _pressed(
        request, decision_letter, facts, whole, language=language, name="bescheid"
    )


async def printed_agreement(request: Request, whole: Whole) -> Response:
    """404 before the grant can be accepted."""
    if not may_print_agreement(whole):
        raise HTTPException(404)
    language = whole.application.language
    facts = agreement_facts(whole, language=language)
    return await _pressed(request, agreement, facts, whole, language=language, name="vereinbarung")


async def _pressed(
    request: Request,
    press: Callable[..., bytes],
    facts: Any,
    whole: Whole,
    *,
    language: str,
    name: str,
) -> Response:
    """Made beside the loop, and kept by nobody on the way."""
    brand = request.app.state.brand
    content = await asyncio.to_thread(press, facts, brand=brand, language=language)
    file = f"{name}-{whole.application.number}.pdf"
    headers = {
        "Content-Disposition": f'attachment; filename="{file}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/pdf", headers=headers)
