"""*Mein Antrag*: what the applicant sees of a case, and taking it back."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from services.applications.commands.cases import withdraw
from services.applications.commands.complete import in_time
from services.applications.commands.drafts import new_key
from services.applications.commands.sign import open_to_accept
from services.applications.domain import Application, Rules, Status
from services.applications.queries.case import attachment, case_of
from services.applications.queries.fund import rules_at
from services.applications.queries.mine import Story, story_of
from services.applications.web.case_voice import Voice
from services.applications.web.files import sent_file
from services.applications.web.mine_completion import missing_in
from services.applications.web.mine_doors import door
from services.applications.web.mine_own import own_case
from services.applications.web.mine_words import DEFERRED, WAITS
from services.applications.web.shown import as_typed, sections
from services.applications.web.timeline import next_session, way
from services.applications.web.visit import hold, now, service_of
from services.applications.web.words import BADGES
from shared.events.applications import ApplicationDeferred, Tier
from shared.web.access import Guarded, actor_of
from shared.web.pages import gettext_of, language_of, page, see_other

router = Guarded()


@router.get("/mein", action="case.list")
async def mine(request: Request) -> Response:
    """The applications of whoever came by a link; everyone else is asked where to send one."""
    actor = actor_of(request)
    if actor.kind != "applicant":
        return await door(request)
    async with service_of(request).db.read() as session:
        chosen = select(Application).where(Application.id.in_(actor.application_ids))
        found = (await session.scalars(chosen.order_by(Application.id.desc()))).all()
    shown = [one for one in found if one.erased_at is None]
    if len(shown) == 1 and shown[0].number:
        return see_other(f"/mein/{shown[0].id}")
    title = gettext_of(request)("Meine Anträge")
    return page(
        request, "mine/list.html", title=title, here="mein", applications=shown, badges=BADGES
    )


@router.get("/mein/{application_id}", action="case.read")
async def case(request: Request, application_id: UUID) -> Response:
    """What is to do, the money as it stands, the way, every answer, and withdrawing."""
    service = service_of(request)
    async with service.db.read() as session:
        application = await own_case(request, session, application_id, "case.read")
        if application.number is None:
            return see_other("/mein")
        found = await case_of(session, application)
        story = await story_of(session, application, seals=service.seals)
    rules, lang = Rules.model_validate(application.rules), language_of(request)
    typed = as_typed(found.answers) if found.answers else {}
    return page(
        request,
        "mine/case.html",
        title=application.title or application.number,
        here="mein",
        case=found,
        application=application,
        story=story,
        badge=BADGES[application.status],
        way=way(application, story, Voice(lang)),
        sections=sections(typed, rules, lang),
        may_withdraw=application.may(Status.WITHDRAWN),
        several=len(actor_of(request).application_ids) > 1,
        **_to_do(request, application, story, rules),
        **_money(application, story),
    )


def _to_do(
    request: Request, application: Application, story: Story, rules: Rules
) -> dict[str, Any]:
    """What the block on top needs, whatever the status."""
    at, grant, correction = now(request), story.grant, story.correction
    last = story.last(ApplicationDeferred)
    deferred = last.event if last else None
    granted = application.status is Status.GRANTED and grant is not None
    return {
        "session": next_session(application, story),
        "by_office": rules.decides(application.asked_cents or 0) is Tier.OFFICE,
        "in_time": correction is not None and in_time(correction, at=at),
        "waits": [WAITS[code] for code in grant.waits_for] if grant else [],
        "may_accept": granted and grant is not None and open_to_accept(grant, at=at),
        "may_decline": application.may(Status.DECLINED),
        "deferred": DEFERRED[deferred.because] if isinstance(deferred, ApplicationDeferred) else "",
        **(missing_in(correction) if correction else {}),
    }


def _money(application: Application, story: Story) -> dict[str, Any]:
    """Asked, granted, still to come: what does not exist yet is left out."""
    grant = story.grant
    standing = grant is not None and grant.ended_at is None
    undecided = application.may(Status.WITHDRAWN)
    return {
        "granted_cents": grant.amount_cents if grant and standing else None,
        "to_come": application.status is Status.ACCEPTED,
        "account": "promised" if standing else "asked" if undecided else "",
    }


@router.get("/mein/{application_id}/dateien/{file_id}", action="case.read")
async def download(request: Request, application_id: UUID, file_id: UUID) -> Response:
    """A file the applicant handed in."""
    async with service_of(request).db.read() as session:
        application = await own_case(request, session, application_id, "case.read")
        file = await attachment(session, application.id, file_id)
    return sent_file(request, file)


@router.post("/mein/{application_id}/weiter", action="case.write")
async def go_on(request: Request, application_id: UUID) -> Response:
    """A draft of the same address, opened in this browser."""
    async with service_of(request).db.begin() as session:
        draft = await own_case(request, session, application_id, "case.write")
        rules = await rules_at(session, now(request), draft.fund)
        key = await new_key(session, draft, rules=rules, at=now(request))
    response = see_other("/antraege/entwurf")
    hold(response, key, rules=rules)
    return response


@router.get("/mein/{application_id}/zurueckziehen", action="case.write")
async def ask_before_withdrawing(request: Request, application_id: UUID) -> Response:
    """What happens then, before it happens."""
    async with service_of(request).db.read() as session:
        application = await own_case(request, session, application_id, "case.write")
    if not application.may(Status.WITHDRAWN) or application.number is None:
        return see_other(f"/mein/{application_id}")
    title = gettext_of(request)("Antrag zurückziehen?")
    return page(request, "mine/withdraw.html", title=title, here="mein", application=application)


@router.post("/mein/{application_id}/zurueckziehen", action="case.write")
async def take_back(request: Request, application_id: UUID) -> Response:
    """Withdrawn; a second click changes nothing."""
    async with service_of(request).db.begin() as session:
        application = await own_case(request, session, application_id, "case.write", lock=True)
        if application.number is None:
            return see_other("/mein")
        await withdraw(session, application, actor="applicant", at=now(request))
    note = gettext_of(request)("Sie haben Ihren Antrag zurückgezogen.")
    return see_other(f"/mein/{application_id}", note=note)
