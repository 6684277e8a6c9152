"""Which events we answer, and how: public and partner ones go to the journal, many become letters."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications import (
    application_letters,
    board_letters,
    decision_letters,
    funds,
    issue_letters,
    journal,
    known_fields,
    minutes_letters,
    occasion_letters,
    session_letters,
    subscription_letters,
    task_letters,
    votes,
)
from services.notifications.addressbook import forget, opened, remember
from services.notifications.commands import printing
from services.notifications.commands.subscriptions import Wish, order
from services.notifications.letters.queue import About, queue, redact
from services.notifications.overtaking import NO_LONGER, OVERTAKING, UNTRUE_SINCE, overtaken_by
from services.notifications.store import PERSONAL
from shared.events import applications, meetings
from shared.events.base import Audience, Event, registry
from shared.events.people import (
    Contact,
    Link,
    PersonErased,
    PersonErasedByApplications,
    PersonErasedByMeetings,
    PersonErasedByNotifications,
)
from shared.inbox import Handler, Handlers
from shared.service import Service
from shared.store import scrub_after
from shared.web.i18n import lazy, translations

NEWSLETTER_BOX: Final = lazy("Ich möchte Neuigkeiten aus dem Stadtteil per E-Mail bekommen.")
"""The sentence of the application form, kept as it was read: it is what was agreed to."""


async def draft_saved(
    event: applications.DraftSaved, session: AsyncSession, service: Service
) -> None:
    """The way back to the draft."""
    to, link = await opened(service, event.contact, event.language), await _link(event, service)
    if to is None or link is None:
        return
    about = About(application_id=event.application_id, expires_at=event.expires_at)
    await queue(
        session,
        service,
        event,
        "draft_saved",
        to,
        about=about,
        url=link.url,
        expires_at=event.expires_at,
    )


async def applicant_recorded(
    event: applications.ApplicantRecorded, session: AsyncSession, service: Service
) -> None:
    """Into the address book."""
    contact = await service.seals.open(event.contact, Contact)
    await remember(session, event.person_id, contact, event.language, service.clock.now())


async def case_link_requested(
    event: applications.CaseLinkRequested, session: AsyncSession, service: Service
) -> None:
    """The way to *Mein Antrag*, as long as its link holds."""
    await _mail_link("case_link", event, session, service)


async def newsletter_requested(
    event: applications.NewsletterRequested, session: AsyncSession, service: Service
) -> None:
    """A ticked box is a question to the owner of the address, not yet a subscription."""
    contact = await service.seals.open(event.contact, Contact)
    if contact is None or not contact.email:
        return
    wish = Wish(
        contact=Contact(name=contact.name, email=contact.email),
        topics=["newsletter"],
        language=event.language,
        text=translations(event.language).gettext(NEWSLETTER_BOX),
        form="/antraege/entwurf/pruefen",
    )
    await order(session, service, wish, at=service.clock.now())


async def sign_in_requested(
    event: meetings.SignInRequested, session: AsyncSession, service: Service
) -> None:
    """First in the queue, gone with its link."""
    await _mail_link("sign_in", event, session, service)


async def account_invited(
    event: meetings.AccountInvited, session: AsyncSession, service: Service
) -> None:
    """The way to the first password."""
    await _mail_link("account_invited", event, session, service)


async def person_erased(event: PersonErased, session: AsyncSession, service: Service) -> None:
    """Nothing readable stays: not in letters, not in the address book, no subscription."""
    await printing.forget(session, event.person_ids)
    await redact(session, event.person_ids)
    await forget(session, event.person_ids, service.clock.now())
    scrub_after(session, *PERSONAL)


LinkEvent = applications.CaseLinkRequested | meetings.AccountEvent


async def _mail_link(kind: str, event: LinkEvent, session: AsyncSession, service: Service) -> None:
    to, link = await opened(service, event.contact, event.language), await _link(event, service)
    if to is None or link is None:
        return
    await queue(
        session,
        service,
        event,
        kind,
        to,
        about=About(expires_at=event.expires_at),
        url=link.url,
        code=link.code,
        expires_at=event.expires_at,
    )


async def _link(
    event: LinkEvent | applications.DraftSaved,
    service: Service,
) -> Link | None:
    return await service.seals.open(event.link, Link)


APPLICATIONS: Final[Handlers] = {
    applications.DraftSaved: draft_saved,
    applications.ApplicantRecorded: applicant_recorded,
    applications.CaseLinkRequested: case_link_requested,
    applications.NewsletterRequested: newsletter_requested,
    **application_letters.ANSWERED,
    **decision_letters.ANSWERED,
    PersonErasedByApplications: person_erased,
}
MEETINGS: Final[Handlers] = {
    meetings.SessionScheduled: session_letters.scheduled,
    meetings.SessionPostponed: session_letters.postponed,
    meetings.SessionCancelled: session_letters.cancelled,
    meetings.InvitationIssued: session_letters.invited,
    meetings.MemberInvited: session_letters.member_invited,
    meetings.AgendaItemPlaced: application_letters.agenda_item_placed,
    meetings.SignInRequested: sign_in_requested,
    meetings.AccountInvited: account_invited,
    **board_letters.ANSWERED,
    **minutes_letters.ANSWERED,
    **task_letters.ANSWERED,
    **occasion_letters.ANSWERED,
    **decision_letters.RESOLVED,
    PersonErasedByMeetings: person_erased,
}
NOTIFICATIONS: Final[Handlers] = {
    **subscription_letters.ANSWERED,
    **issue_letters.ANSWERED,
    PersonErasedByNotifications: person_erased,
}


def _whole(handler: Handler | None) -> Handler:
    """Into the journal first: letters may ask it for dates. Then untrue letters go, new ones come."""

    async def keep_and_write(event: Event, session: AsyncSession, service: Service) -> None:
        if event.audience is not Audience.INTERNAL:
            await journal.keep(event, session, service)
        await funds.remember(session, event)
        await votes.remember(session, event)
        await known_fields.remember(session, event)
        await overtaken_by(event, session)
        if handler is not None:
            await handler(event, session, service)

    return keep_and_write


def _answers(teller: str, handlers: Handlers) -> Handlers:
    """What the teller tells to the public or to partners is kept, with a letter or without."""
    matters = {*handlers, *UNTRUE_SINCE, *NO_LONGER, *OVERTAKING}
    return {
        kind: _whole(handlers.get(kind))
        for kind in registry().values()
        if kind.teller == teller and (kind.audience is not Audience.INTERNAL or kind in matters)
    }


ANSWERS: Final[Mapping[str, Handlers]] = {
    teller: _answers(teller, handlers)
    for teller, handlers in (
        ("applications", APPLICATIONS),
        ("meetings", MEETINGS),
        ("notifications", NOTIFICATIONS),
    )
}
