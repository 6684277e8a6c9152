"""What the office wrote to everybody: two newsletters, a press release, and the next one half done."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from uuid_utils.compat import uuid7

from deploy.sample.people import Reader
from deploy.sample.subscribers import confirm, order
from services.notifications.domain.issue import (
    Issue,
    IssueKind,
    IssueLetter,
    IssueText,
    Trouble,
)
from services.notifications.domain.letter import State
from services.notifications.domain.plan import Plan
from services.notifications.domain.subscription import Subscription
from services.notifications.issues import blocks, commands
from services.notifications.issues.gathering import gather

if TYPE_CHECKING:
    from deploy.sample.year import Year

Act = Callable[["Year"], Awaitable[None]]
Texts = Mapping[str, tuple[str, str, str]]
"""Subject, first line and Markdown by language."""

LETTER: Final = ("newsletter",)
BOTH: Final = ("newsletter", "press")
READERS: Final = (
    Reader("Aylin Demir", "aylin.demir@example.org", "de", LETTER, 160),
    Reader("Herbert Lüders", "herbert.lueders@example.org", "de", LETTER, 160),
    Reader("Fatima al-Zahra", "fatima.z@example.org", "ar", LETTER, 160),
    Reader("Grace Mensah", "grace.mensah@example.org", "en", LETTER, 160),
    Reader("Kerstin Vogt", "kerstin.vogt@example.org", "de", LETTER, 160),
    Reader("Nguyen Van Minh", "minh.nguyen@example.org", "en", LETTER, 160),
    Reader("Lokalredaktion", "lokales@zeitung.example", "de", BOTH, 160),
    Reader("Stadtmagazin", "post@magazin.example", "de", ("press",), 160),
)

SUMMER: Final[Texts] = {
    "de": (
        "420 Menschen beim Sommerfest: danke!",
        "So war das Fest, und so geht es weiter.",
        (
            "Liebe Nachbarinnen und Nachbarn,\n\n420 Menschen haben mit uns gefeiert. 14 Vereine haben "
            "Stände aufgebaut.\n\n## Was bleibt\n\nDie Bierbänke leihen wir gern aus. Rufen Sie an.\n\n"
            "## Haben Sie eine Idee?\n\nDer Bürgerfonds gibt Geld dazu. "
            "[So reichen Sie sie ein](/antraege)."
        ),
    ),
    "en": (
        "420 people at the summer festival: thank you!",
        "What the day was like, and what comes next.",
        (
            "Dear neighbours,\n\n420 people celebrated with us. 14 clubs put up stalls.\n\n## What stays\n\n"
            "We gladly lend you the benches. Give us a call.\n\n## Do you have an idea?\n\nThe citizens' "
            "fund adds money to it. [How to hand it in](/antraege)."
        ),
    ),
}
AUTUMN: Final[Texts] = {
    "de": (
        "Hochbeete, Lesepaten und drei neue Termine",
        "Was das Gremium beschlossen hat, und wann Sie mitreden können.",
        (
            "Liebe Nachbarinnen und Nachbarn,\n\ndas Gremium hat über drei Ideen abgestimmt. Die Hochbeete "
            "am Einkaufszentrum bekommen Geld, sobald die Eigentümerin zustimmt.\n\n"
            "## Mitreden\n\nZur nächsten Sitzung können alle kommen. "
            "[Alle Termine](/kalender)\n\n## Gesucht\n\n- Menschen, die Kindern vorlesen\n"
            "- Erde für 12 Beete\n- jemand mit einem Anhänger"
        ),
    ),
    "ar": (
        "أحواض مرتفعة وقرّاء متطوعون وثلاثة مواعيد جديدة",
        "ماذا قرر المجلس، ومتى يمكنكم المشاركة.",
        (
            "الجيران الأعزاء،\n\nصوّت المجلس على ثلاث أفكار. ستحصل الأحواض المرتفعة عند مركز التسوق على المال "
            "حالما توافق المالكة.\n\n## شاركوا\n\nيمكن للجميع الحضور إلى الجلسة القادمة. "
            "[كل المواعيد](/kalender)"
        ),
    ),
}
PRESS: Final[Texts] = {
    "de": (
        "Westhagen: Bürgerfonds fördert Hochbeete am Einkaufszentrum",
        "Das Gremium gibt 800 Euro. Die Ernte ist für alle.",
        (
            "Das Gremium „Freunde Westhagens“ hat 800 Euro für Hochbeete bewilligt. Auf dem Platz am "
            "Einkaufszentrum entstehen zwölf Beete. Gepflegt werden sie von der Nachbarschaft, die Ernte "
            "ist für alle.\n\n> „Hier wächst mehr als Gemüse“, sagt Jana Petersen vom Stadtteilbüro.\n\n"
            "## Der Bürgerfonds\n\nIm Jahr stehen 5.000 Euro bereit. Über die Ideen stimmt das Gremium "
            "öffentlich ab. [Mehr über den Fonds](/antraege)"
        ),
    ),
}
DRAFT: Final[Texts] = {
    "de": (
        "Rundgang, Werkstatt und die nächste Sitzung",
        "Kommen Sie mit, oder sagen Sie uns Ihre Meinung.",
        "Liebe Nachbarinnen und Nachbarn,\n\nin den nächsten Wochen ist viel los.",
    ),
    "ar": (
        "جولة في الحي وورشة والجلسة القادمة",
        "تعالوا معنا، أو أخبرونا برأيكم.",
        "الجيران الأعزاء،\n\nفي الأسابيع القادمة تجري أمور كثيرة في الحي.",
    ),
}


@dataclass(frozen=True)
class Fate:
    """What became of one copy that was not simply sent."""

    address: str
    state: State
    code: int | None = None
    answer: str = ""
    reason: str | None = None
    handled: bool = False


FULL: Final = Fate(
    "herbert.lueders@example.org", State.FAILED, 552, "5.2.2 mailbox full", Trouble.REFUSED, True
)
GONE: Final = Fate(
    "kerstin.vogt@example.org", State.FAILED, 550, "5.1.1 no such user here", Trouble.REFUSED
)
SILENT: Final = Fate("minh.nguyen@example.org", State.UNKNOWN, reason=Trouble.UNANSWERED)


def script(today: date, at: Callable[..., datetime]) -> list[tuple[datetime, Act]]:
    """Every day is counted back from `today`, as `at` does it."""
    newsletter = IssueKind.NEWSLETTER
    return [
        (at(today, -160, 17), order_all),
        (at(today, -160, 18), confirm_all),
        (at(today, -145, 10), sent(newsletter, SUMMER, FULL)),
        (at(today, -79, 11), sent(IssueKind.PRESS, PRESS)),
        (at(today, -61, 10), sent(newsletter, AUTUMN, GONE, SILENT)),
        (at(today, -1, 11), begun(newsletter, DRAFT)),
    ]


async def order_all(year: "Year") -> None:
    """A list lay on the table at the festival."""
    for reader in READERS:
        await order(reader)(year)


async def confirm_all(year: "Year") -> None:
    """In the evening everybody presses the button."""
    for reader in READERS:
        await confirm(reader)(year)


def sent(kind: IssueKind, texts: Texts, *fates: Fate) -> Act:
    """Written, looked at, sent; the mails themselves were read long ago."""

    async def act(year: "Year") -> None:
        service, issue_id = year.stack["notifications"], await _write(year, kind, texts)
        async with service.db.read() as session:
            version = (await session.get_one(Issue, issue_id)).version
        checked = await commands.check(service, issue_id, version=version)
        plan = Plan(expires_at=year.now + timedelta(days=7))
        async with service.db.begin() as session:
            await commands.start(session, checked, plan, by=_by(year), at=year.now)
        while await gather(service):
            pass
        await _deliver(year, issue_id, fates)

    return act


def begun(kind: IssueKind, texts: Texts) -> Act:
    """A draft with the news it can tell ticked already."""

    async def act(year: "Year") -> None:
        service, issue_id = year.stack["notifications"], await _write(year, kind, texts)
        async with service.db.begin() as session:
            issue = await session.get_one(Issue, issue_id)
            offered = await blocks.offered(session, issue, at=year.now)
            good = [block for block in offered if block.trouble is None]
            issue.blocks = [{"event_id": str(block.event_id)} for block in good[:4]]

    return act


async def _write(year: "Year", kind: IssueKind, texts: Texts) -> UUID:
    issue_id = uuid7()
    async with year.stack["notifications"].db.begin() as session:
        await commands.create(session, issue_id, kind, by=_by(year), at=year.now)
        for language, (subject, first_line, body) in texts.items():
            session.add(
                IssueText(
                    issue_id=issue_id,
                    language=language,
                    subject=subject,
                    first_line=first_line,
                    body=body,
                    changed_at=year.now,
                )
            )
    return issue_id


async def _deliver(year: "Year", issue_id: UUID, fates: tuple[Fate, ...]) -> None:
    """As a sender would have left it: most taken at once, a few not."""
    service = year.stack["notifications"]
    every = update(IssueLetter).where(IssueLetter.issue_id == issue_id)
    year.clock.forward(seconds=4)
    async with service.db.begin() as session:
        await session.execute(every.values(state=State.SENT, sent_at=year.now))
        for fate in fates:
            await session.execute(every.where(_copy_of(year, fate)).values(_became(year, fate)))
        issue = await session.get_one(Issue, issue_id)
        await commands.finish(session, issue, year.now)


def _copy_of(year: "Year", fate: Fate) -> ColumnElement[bool]:
    address = year.stack["notifications"].seals.address_hash(fate.address)
    theirs = select(Subscription.id).where(Subscription.address_hash == address)
    return IssueLetter.subscription_id.in_(theirs)


def _became(year: "Year", fate: Fate) -> dict[str, Any]:
    return {
        "state": fate.state,
        "sent_at": None,
        "code": fate.code,
        "answer": fate.answer,
        "reason": fate.reason,
        "handled_at": year.now if fate.handled else None,
    }


def _by(year: "Year") -> str:
    return year.office or "operator"
