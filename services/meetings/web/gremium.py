"""The board's own page for each of its members, and for everybody else the way to join it."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request, Response
from uuid_utils.compat import uuid7

from services.meetings.commands.accessions import declare_online
from services.meetings.commands.members import Particulars
from services.meetings.commands.once import Order
from services.meetings.commands.replies import reply
from services.meetings.desk import Language, Ordered, now, service_of
from services.meetings.domain.agenda import ItemKind, ItemStatus
from services.meetings.domain.attendance import Coming
from services.meetings.domain.invitation import NotAMember, NotInvited
from services.meetings.domain.session import AlreadyOver, Status
from services.meetings.member_words import BOARD_ROLE, MEMBER_KIND, MEMBER_STATUS, your_right
from services.meetings.policy import chairs_the_board
from services.meetings.queries import AgendaLine, the_board
from services.meetings.queries.members import member_of_account, rules_today
from services.meetings.queries.own import Own, own_page, session_ahead
from services.meetings.web.members.taking_in import check_reachable
from shared.events.people import Contact
from shared.web.access import Forbidden, Guarded, actor_of
from shared.web.forms import Email, Form, Line, Phone, blank, read_form
from shared.web.i18n import LANGUAGES, lazy
from shared.web.limits import limit
from shared.web.pages import gettext_of, language_of, page, see_other

gremium_pages = Guarded(prefix="/gremium")

HERE: Final = "gremium"
CONSENT: Final = lazy(
    "Ich möchte Mitglied im Gremium „%(board)s“ werden. Das Büro darf meine Angaben dafür speichern"
    " und mir zu den Sitzungen schreiben. Ich kann jederzeit austreten."
)
SAID: Final = {
    Coming.YES: lazy("Danke, wir rechnen mit Ihnen."),
    Coming.NO: lazy("Danke für die Absage. Sie sind entschuldigt."),
}
TOO_LATE: Final = lazy("Dafür ist es jetzt zu spät. Rufen Sie uns bitte an.")


class ReplyForm(Ordered):
    coming: Coming


class AccessionForm(Ordered):
    """What somebody declares about themselves; institution as they call it."""

    name: Line
    email: Email | None = None
    phone: Phone | None = None
    street: Line | None = None
    postcode: Line | None = None
    city: Line | None = None
    language: Language = "de"
    institution: Line | None = None
    agreed: bool = False

    def particulars(self) -> Particulars:
        """What the command works with; the office assigns the institution."""
        contact = Contact(
            name=self.name,
            email=self.email or "",
            phone=self.phone,
            street=self.street,
            postcode=self.postcode,
            city=self.city,
        )
        return Particulars(contact=contact, language=self.language)


@gremium_pages.get("", action="gremium.read")
async def own(request: Request) -> Response:
    """The member's own page; whoever is none reads how to join."""
    at, actor = now(request), actor_of(request)
    async with service_of(request).db.read() as session:
        mine = await own_page(session, actor.account_id, at=at)
        if mine is None or not mine.page.line.member.status.belongs_to_board:
            board, _rules = await the_board(session)
            facts = {
                "board": board.name,
                "rules": await rules_today(session, at=at),
                "meeting": await session_ahead(session, at=at),
            }
            return _how_to_join(request, mine, facts)
    return _own_page(request, mine)


@gremium_pages.post("/sitzungen/{session_id}/antwort", action="gremium.reply")
async def answer(request: Request, session_id: UUID) -> Response:
    """Coming or not; the newest answer counts until the session begins."""
    form, service, _ = await read_form(request, ReplyForm), service_of(request), gettext_of(request)
    account_id, at = actor_of(request).account_id, now(request)
    if form.data is None or account_id is None:
        return see_other("/gremium")
    try:
        async with service.db.begin() as session:
            member = await member_of_account(session, account_id)
            if member is None:
                raise Forbidden("gremium.reply")
            await reply(session, session_id, member.id, form.data.coming, at=at)
    except NotAMember:
        raise Forbidden("gremium.reply") from None
    except (NotInvited, AlreadyOver):
        return see_other("/gremium", note=_(TOO_LATE))
    return see_other("/gremium", note=_(SAID[form.data.coming]))


@gremium_pages.get("/beitreten", action="accession.declare")
async def accession_form(request: Request) -> Response:
    """Who you are, and that you want to."""
    lang = language_of(request)
    form = blank({"command_id": str(uuid7()), "language": lang})
    return await _accession_page(request, form)


@gremium_pages.post(
    "/beitreten",
    action="accession.declare",
    dependencies=[limit("10/hour"), limit("5/hour", key="email")],
)
async def declare(request: Request) -> Response:
    """The same answer for everybody, whoever we know already."""
    form, service, _ = (
        await read_form(request, AccessionForm),
        service_of(request),
        gettext_of(request),
    )
    check_reachable(request, form)
    if form.data is not None and not form.data.agreed:
        form.refuse("agreed", _("Ohne Ihr Einverständnis können wir Sie nicht aufnehmen."))
    if form.data is None:
        return await _accession_page(request, form, status=422)
    sent = form.data
    by_themselves = Order(command_id=sent.command_id, by="declarant", at=now(request))
    async with service.db.begin() as session:
        board, _rules = await the_board(session)
        await declare_online(
            session,
            service,
            sent.particulars(),
            by_themselves,
            text=_(CONSENT) % {"board": board.name},
            institution=sent.institution or "",
        )
    return see_other("/gremium/beitreten/danke")


@gremium_pages.get("/beitreten/danke", action="accession.declare")
async def thanks(request: Request) -> Response:
    """What comes next."""
    at = now(request)
    async with service_of(request).db.read() as session:
        rules, meeting = await rules_today(session, at=at), await session_ahead(session, at=at)
    title = gettext_of(request)("Ihre Erklärung ist da")
    return page(
        request, "gremium/thanks.html", title=title, here=HERE, rules=rules, meeting=meeting
    )


def _own_page(request: Request, own: Own) -> Response:
    line = own.page.line
    unit = line.unit.name if line.unit and line.shares_vote else ""
    return page(
        request,
        "gremium/own.html",
        title=gettext_of(request)("Mein Gremium"),
        here=HERE,
        own=own,
        member=line.member,
        right=your_right(line.right, language_of(request), unit=unit),
        may_reply=own.ahead is not None and own.ahead.may_reply(now(request)),
        early=_may_ask_early(own) if chairs_the_board(actor_of(request), line.member) else [],
        command_id=uuid7(),
        new_id=uuid7,
        BOARD_ROLE=BOARD_ROLE,
        MEMBER_STATUS=MEMBER_STATUS,
        MEMBER_KIND=MEMBER_KIND,
    )


def _may_ask_early(own: Own) -> list[AgendaLine]:
    """What the chair may have decided before the session, and what is being decided so."""
    if own.ahead is None or own.ahead.meeting.status is Status.OPEN:
        return []
    return [
        line
        for line in own.ahead.agenda
        if line.item.status is ItemStatus.OPEN
        and line.is_answered
        and (line.case is not None or line.item.kind is ItemKind.OTHER)
    ]


def _how_to_join(request: Request, mine: Own | None, facts: dict[str, Any]) -> Response:
    title = gettext_of(request)("Mitmachen im Gremium")
    member = mine.page.line.member if mine else None
    return page(request, "gremium/join.html", title=title, here=HERE, member=member, **facts)


async def _accession_page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    async with service_of(request).db.read() as session:
        board, _rules = await the_board(session)
    return page(
        request,
        "gremium/declare.html",
        status=status,
        title=gettext_of(request)("Mitglied werden"),
        here=HERE,
        form=form,
        consent=gettext_of(request)(CONSENT) % {"board": board.name},
        LANGUAGES=LANGUAGES,
    )
