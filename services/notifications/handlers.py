"""Which events we answer, and how: public and partner ones go to the journal, many become letters."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications import journal, session_letters
from services.notifications.addressbook import (
    applicant,
    forget,
    office,
    open_case,
    opened,
    remember,
)
from services.notifications.commands.subscriptions import Wish, order
from services.notifications.domain.addressbook import Case
from services.notifications.letters.queue import About, overtake, queue, redact
from services.notifications.store import PERSONAL
from shared.events import applications, meetings, notifications
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
    """The way back to the draft; a newer link holds back an older one that still waits."""
    to, link = await opened(service, event.contact, event.language), await _link(event, service)
    if to is None or link is None:
        return
    await overtake(
        session,
        kinds=["draft_saved"],
        application_id=event.application_id,
        before=event.event_id,
    )
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


async def draft_discarded(
    event: applications.DraftDiscarded, session: AsyncSession, service: Service
) -> None:
    """The link in a waiting letter leads nowhere now."""
    await overtake(
        session,
        kinds=["draft_saved"],
        application_id=event.application_id,
        before=event.event_id,
    )


async def applicant_recorded(
    event: applications.ApplicantRecorded, session: AsyncSession, service: Service
) -> None:
    """Into the address book."""
    contact = await service.seals.open(event.contact, Contact)
    await remember(session, event.person_id, contact, event.language, service.clock.now())


async def application_submitted(
    event: applications.ApplicationSubmitted, session: AsyncSession, service: Service
) -> None:
    """A receipt for the applicant, a task for the office."""
    to = await applicant(session, event.person_id)
    await open_case(session, event)
    case = About(application_id=event.application_id, session_id=event.session_id)
    session_at = await session_letters.still_holds(session, event.session_id, event.session_at)
    facts = {"application": event.number, "session_at": session_at}
    if to is not None:
        await queue(
            session,
            service,
            event,
            "application_received",
            to,
            about=case,
            late=event.late,
            **facts,
        )
    await queue(
        session,
        service,
        event,
        "office_new_application",
        office(service),
        about=case,
        asked_cents=event.asked_cents,
        application_id=event.application_id,
        **facts,
    )


async def application_withdrawn(
    event: applications.ApplicationWithdrawn, session: AsyncSession, service: Service
) -> None:
    """Say so, and nothing else about it any more."""
    case = await session.get(Case, event.application_id, with_for_update=True)
    if case is None:
        return
    case.withdrawn_at = event.at
    await overtake(
        session,
        kinds=[
            "application_received",
            "office_new_application",
            "case_session_postponed",
            "case_session_cancelled",
        ],
        application_id=event.application_id,
        before=event.event_id,
    )
    to = await applicant(session, case.person_id)
    if to is not None:
        about = About(application_id=event.application_id)
        await queue(
            session,
            service,
            event,
            "application_withdrawn",
            to,
            about=about,
            application=event.number,
        )


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
    if contact is None:
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


async def subscription_requested(
    event: notifications.SubscriptionRequested, session: AsyncSession, service: Service
) -> None:
    """One question to the owner of the address."""
    to, link = await opened(service, event.contact, event.language), await _link(event, service)
    if to is None or link is None:
        return
    await queue(
        session,
        service,
        event,
        "subscription_confirm",
        to,
        about=About(expires_at=event.expires_at),
        url=link.url,
        topics=event.topics,
        expires_at=event.expires_at,
    )


async def subscription_ended(
    event: notifications.SubscriptionEnded, session: AsyncSession, service: Service
) -> None:
    """Goodbye, once, without advertising."""
    to = await opened(service, event.contact, event.language)
    if to is not None:
        await queue(session, service, event, "subscription_ended", to)


async def person_erased(event: PersonErased, session: AsyncSession, service: Service) -> None:
    """Nothing readable stays: not in letters, not in the address book, no subscription."""
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
    event: LinkEvent | applications.DraftSaved | notifications.SubscriptionRequested,
    service: Service,
) -> Link | None:
    return await service.seals.open(event.link, Link)


APPLICATIONS: Final[Handlers] = {
    applications.DraftSaved: draft_saved,
    applications.DraftDiscarded: draft_discarded,
    applications.ApplicantRecorded: applicant_recorded,
    applications.ApplicationSubmitted: application_submitted,
    applications.ApplicationWithdrawn: application_withdrawn,
    applications.CaseLinkRequested: case_link_requested,
    applications.NewsletterRequested: newsletter_requested,
    PersonErasedByApplications: person_erased,
}
MEETINGS: Final[Handlers] = {
    meetings.SessionScheduled: session_letters.scheduled,
    meetings.SessionPostponed: session_letters.postponed,
    meetings.SessionCancelled: session_letters.cancelled,
    meetings.SignInRequested: sign_in_requested,
    meetings.AccountInvited: account_invited,
    PersonErasedByMeetings: person_erased,
}
NOTIFICATIONS: Final[Handlers] = {
    notifications.SubscriptionRequested: subscription_requested,
    notifications.SubscriptionEnded: subscription_ended,
    PersonErasedByNotifications: person_erased,
}


def _journalled(handler: Handler | None) -> Handler:
    """Into the journal first: letters may ask it for dates."""

    async def keep_and_write(event: Event, session: AsyncSession, service: Service) -> None:
        await journal.keep(event, session, service)
        if handler is not None:
            await handler(event, session, service)

    return keep_and_write


def _with_journal(teller: str, handlers: Handlers) -> Handlers:
    """Every public and partner event of the teller is kept, with a letter or without."""
    shown = [
        kind
        for kind in registry().values()
        if kind.teller == teller and kind.audience is not Audience.INTERNAL
    ]
    return {**handlers, **{kind: _journalled(handlers.get(kind)) for kind in shown}}


ANSWERS: Final[Mapping[str, Handlers]] = {
    teller: _with_journal(teller, handlers)
    for teller, handlers in (
        ("applications", APPLICATIONS),
        ("meetings", MEETINGS),
        ("notifications", NOTIFICATIONS),
    )
}
