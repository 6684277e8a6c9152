"""Applications of the year: started, mailed to oneself, given files, handed in, taken back."""

import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageDraw
from pypdf import PdfWriter
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.sample.people import Idea
from services.applications import uploads
from services.applications.commands import cases, drafts
from services.applications.commands.files import add_file
from services.applications.commands.submit import submit
from services.applications.domain import Application, Rules
from services.applications.domain.answers import Answers
from services.applications.queries.fund import first_fund
from shared.events.people import Contact

if TYPE_CHECKING:
    from deploy.sample.year import Year

Act = Callable[["Year"], Awaitable[None]]
CITY: Final = {"postcode": "38444", "city": "Wolfsburg"}


def write_application(idea: Idea) -> Act:
    """As the form does it, one transaction a page."""

    async def act(year: "Year") -> None:
        key = await _start(year, idea)
        await year.settle()
        if idea.fate == "draft":
            return
        year.clock.forward(minutes=25)
        await _hand_in(year, idea, key)
        if idea.fate == "withdrawn":
            await year.settle()
            year.clock.forward(days=4)
            await _take_back(year, key)

    return act


async def _start(year: "Year", idea: Idea) -> str:
    """A draft with its first page, files, and the letter with the way back; gives its key."""
    service = year.stack["applications"]
    async with service.db.begin() as session:
        fund, rules = await first_fund(session, year.now)
        key = await drafts.start_draft(
            session, fund, language=idea.who.language, rules=rules, at=year.now
        )
        draft = await _draft(session, year, key)
        seals, now = service.seals, year.now
        await drafts.save(session, draft, typed(idea), rules=rules, seals=seals, at=now)
        await drafts.tell_saved(
            session,
            draft,
            Contact(name=idea.who.group or idea.who.name, email=idea.who.email),
            url=f"{service.settings.origin}/antraege/fortsetzen/",
            rules=rules,
            seals=seals,
            at=now,
        )
        await _attach(session, year, draft, idea, rules)
    return key


async def _hand_in(year: "Year", idea: Idea, key: str) -> None:
    service = year.stack["applications"]
    async with service.db.begin() as session:
        _fund, rules = await first_fund(session, year.now)
        draft = await _draft(session, year, key)
        answers = Answers.model_validate(answered(idea, year))
        await submit(session, draft, answers, rules=rules, seals=service.seals, at=year.now)
        year.applications[idea.title] = draft.id


async def _take_back(year: "Year", key: str) -> None:
    async with year.stack["applications"].db.begin() as session:
        application = await drafts.draft_for(session, key, at=year.now - timedelta(days=4))
        assert application is not None
        await cases.withdraw(session, application, actor="applicant", at=year.now)


async def _draft(session: AsyncSession, year: "Year", key: str) -> Application:
    draft = await drafts.draft_for(session, key, at=year.now, lock=True)
    assert draft is not None, "the key was made a moment ago"
    return draft


async def _attach(
    session: AsyncSession, year: "Year", draft: Application, idea: Idea, rules: Rules
) -> None:
    for name in idea.files:
        content = picture(idea.title) if name == "plan" else paper()
        suffix = "png" if name == "plan" else "pdf"
        file = uploads.check(f"{name}.{suffix}", content, rules.uploads)
        folder = year.stack["applications"].settings.files_dir
        await add_file(session, draft, file, rules=rules.uploads, folder=folder, at=year.now)


def typed(idea: Idea) -> dict[str, Any]:
    """What the first two pages of the form hold so far."""
    who = idea.who
    return {
        "title": idea.title,
        "aim": idea.aim,
        "plan": idea.plan,
        "target_group": idea.target_group,
        "benefit": idea.benefit,
        "field_of_action": idea.field_of_action,
        "place": idea.place,
        "name": who.name,
        "email": who.email,
        "street": who.street,
        **CITY,
    }


def answered(idea: Idea, year: "Year") -> dict[str, Any]:
    """The whole form, as its last page checks it."""
    first = year.now.date() + timedelta(days=idea.starts_in)
    return {
        "idea": {
            **{name: getattr(idea, name) for name in _IDEA},
            "starts_on": first,
            "ends_on": first + timedelta(days=idea.lasts),
            "not_begun": True,
        },
        "applicant": {
            "kind": "organisation" if idea.who.group else "person",
            "name": idea.who.name,
            "contact_name": idea.who.group,
            "email": idea.who.email,
            "phone": idea.who.phone,
            "street": idea.who.street,
            **CITY,
            "language": idea.who.language,
            "account_holder": idea.who.name,
            "iban": idea.who.iban,
        },
        "costs": {
            "costs": [{"what": what, "cents": cents} for what, cents in idea.costs],
            "funding": [
                {"kind": kind, "what": what, "cents": cents} for kind, what, cents in idea.funding
            ],
            "asked_cents": idea.asked,
            "other_applications": "no",
        },
        "declarations": {"privacy": True, "newsletter": idea.newsletter},
    }


_IDEA: Final = ("title", "aim", "plan", "target_group", "benefit", "field_of_action", "place")


def picture(title: str) -> bytes:
    """A plan drawn by hand, more or less."""
    image = Image.new("RGB", (640, 420), "#f6f3ea")
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 60, 600, 380), outline="#24408e", width=4)
    for number in range(6):
        left = 80 + 85 * number
        draw.rectangle((left, 120, left + 60, 200 + 25 * (number % 3)), fill="#00798c")
    draw.line((40, 340, 600, 340), fill="#ffc83d", width=10)
    draw.text((60, 30), title.encode("ascii", "replace").decode(), fill="#1d2034")
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def paper() -> bytes:
    """An offer of one page."""
    writer, content = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=595, height=842)
    writer.add_metadata({"/Title": "Angebot"})
    writer.write(content)
    return content.getvalue()
