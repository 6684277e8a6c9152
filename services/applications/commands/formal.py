"""The formal check: judging, marking, asking for what is missing, admitting, refusing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from services.applications.commands.clocks import set_clock, stop_clocks
from services.applications.commands.papers import explain, prepare_paper, sealed_words
from services.applications.domain import (
    Application,
    CheckMark,
    Correction,
    CostMark,
    IllegalMove,
    Rules,
    Status,
)
from services.applications.domain.asked import DateInThePast, NothingAskedFor
from services.applications.domain.checklist import (
    Check,
    Finding,
    Judgement,
    NotChecked,
    PublicTitleMissing,
    ReasonMissing,
)
from services.applications.queries.check import check_of
from services.applications.queries.fund import session_of
from services.applications.store import note, record
from shared.events.applications import (
    CheckItem,
    CorrectionReceived,
    CorrectionRequested,
    CorrectionWithdrawn,
    Matter,
)
from shared.sealed import Seals
from shared.store import insert

IN_CHECK: Final = (Status.SUBMITTED, Status.CORRECTION_REQUESTED)


async def judge(
    session: AsyncSession,
    application: Application,
    item: CheckItem,
    judgement: Judgement | None,
    *,
    text: str = "",
    actor: str,
    at: datetime,
) -> None:
    """Say yes or no to a line, or take that back with None; a yes against a broken rule needs a reason."""
    _refuse_unless_in_check(application)
    check = await check_of(session, application)
    line = next(one for one in check if one.item is item)
    if judgement is Judgement.YES and line.finding is Finding.BROKEN and not text:
        raise ReasonMissing(item)
    if judgement is None:
        mine = CheckMark.application_id == application.id, CheckMark.item == item
        await session.execute(delete(CheckMark).where(*mine))
    else:
        said = {"judgement": judgement, "note": text, "by": actor, "at": at}
        mark = insert(session, CheckMark).values(application_id=application.id, item=item, **said)
        await session.execute(
            mark.on_conflict_do_update(index_elements=["application_id", "item"], set_=said)
        )
    said_no = judgement.value if judgement else ""
    note(
        session,
        at=at,
        actor=actor,
        action="check.judge",
        subject=str(application.id),
        item=item.value,
        judgement=said_no,
    )


async def mark_costs(
    session: AsyncSession,
    application: Application,
    kinds: dict[int, str],
    *,
    actor: str,
    at: datetime,
) -> None:
    """Which lines of the plan the fund does not pay, each with its kind; replaces what was marked."""
    _refuse_unless_in_check(application)
    mine = CostMark.application_id == application.id
    await session.execute(delete(CostMark).where(mine))
    rows = [CostMark(application_id=application.id, line=n, kind=kind) for n, kind in kinds.items()]
    session.add_all(rows)
    lines = sorted(kinds)
    note(
        session,
        at=at,
        actor=actor,
        action="check.mark_costs",
        subject=str(application.id),
        lines=lines,
    )


async def name_in_public(
    session: AsyncSession, application: Application, title: str, *, actor: str, at: datetime
) -> None:
    """The title everybody reads, until the board and everybody else was told it."""
    _refuse_unless_in_check(application)
    application.public_title = title
    application.be_found()
    note(session, at=at, actor=actor, action="check.public_title", subject=str(application.id))


async def request_correction(
    session: AsyncSession,
    application: Application,
    items: Sequence[CheckItem],
    *,
    text: str,
    due_at: datetime,
    seals: Seals,
    actor: str,
    at: datetime,
) -> Correction:
    """Ask the applicant for what is missing; raises NothingAskedFor, DateInThePast.

    Of an erased person nothing new is written down.
    """
    refuse_unnamed(items, text)
    if due_at <= at:
        raise DateInThePast
    application.request_correction(due_at=due_at)
    correction = Correction(
        id=uuid7(),
        application_id=application.id,
        items=[item.value for item in items],
        note="" if application.erased_at else text,
        requested_at=at,
        due_at=due_at,
    )
    session.add(correction)
    told = CorrectionRequested(
        at=at,
        **application.told(),
        correction_id=correction.id,
        items=correction.items,
        note=await sealed_words(application, text, seals=seals),
        due_at=due_at,
    )
    record(session, told)
    note(session, at=at, actor=actor, action="correction.request", subject=str(application.id))
    rules = Rules.model_validate(application.rules)
    await set_clock(session, application, Matter.CORRECTION, due_at, rules=rules, at=at)
    return correction


async def withdraw_correction(
    session: AsyncSession, application: Application, *, actor: str, at: datetime
) -> None:
    """Nothing is missing after all: undo of a request nobody answered yet."""
    correction = await open_correction(session, application)
    await _resume(session, application)
    correction.withdrawn_at = at
    told = CorrectionWithdrawn(at=at, **application.told(), correction_id=correction.id)
    record(session, told)
    note(session, at=at, actor=actor, action="correction.withdraw", subject=str(application.id))


async def correction_done(
    session: AsyncSession, application: Application, *, actor: str, at: datetime
) -> None:
    """What was missing is here; the date of arrival, and so the place in the queue, is kept."""
    correction = await open_correction(session, application)
    await _resume(session, application)
    correction.answered_at = at
    told = CorrectionReceived(at=at, **application.told(), correction_id=correction.id)
    record(session, told)
    note(session, at=at, actor=actor, action="correction.complete", subject=str(application.id))


async def correction_overdue(
    session: AsyncSession, application: Application, *, at: datetime
) -> None:
    """The date passed and nothing came."""
    correction = await open_correction(session, application)
    correction.lapsed_at = at
    record(session, application.lapse(at=at))
    note(session, at=at, actor="system", action="application.lapse", subject=str(application.id))
    await stop_clocks(session, application)


async def admit(
    session: AsyncSession, application: Application, *, seals: Seals, actor: str, at: datetime
) -> None:
    """Formally in order; raises NotChecked with the lines that are not, PublicTitleMissing."""
    await ready_to_admit(session, application)
    rules = Rules.model_validate(application.rules)
    decides = rules.decides(application.asked_cents or 0)
    coming = await session_of(session, application.session_id)
    paper = await prepare_paper(session, application, seals=seals, at=at)
    session_at = coming.starts_at if coming else None
    told = application.admit(decides=decides, session_at=session_at, at=at)
    record(session, *paper, told)
    note(session, at=at, actor=actor, action="application.admit", subject=str(application.id))


async def ready_to_admit(session: AsyncSession, application: Application) -> list[Check]:
    """The check with nothing open in it; raises what stands against admitting."""
    if not application.may(Status.ADMISSIBLE) or application.erased_at is not None:
        raise IllegalMove(application.status, Status.ADMISSIBLE)
    check = await check_of(session, application)
    if missing := [line.item for line in check if not line.passed]:
        raise NotChecked(missing)
    if not application.public_title:
        raise PublicTitleMissing
    return check


async def find_inadmissible(
    session: AsyncSession,
    application: Application,
    reasons: Sequence[CheckItem],
    *,
    text: str,
    seals: Seals,
    actor: str,
    at: datetime,
) -> None:
    """The rules do not allow it; at least one line, and for `other` the office's own words."""
    refuse_unnamed(reasons, text)
    told = application.find_inadmissible(reasons, at=at)
    record(session, *await explain(application, text, seals=seals, at=at), told)
    codes = [reason.value for reason in reasons]
    note(
        session,
        at=at,
        actor=actor,
        action="application.inadmissible",
        subject=str(application.id),
        reasons=codes,
    )


def refuse_unnamed(items: Sequence[CheckItem], text: str) -> None:
    """Something has to be named, and `other` says nothing without the office's own words."""
    if not items or (CheckItem.OTHER in items and not text):
        raise NothingAskedFor


async def open_correction(session: AsyncSession, application: Application) -> Correction:
    """The request that waits for the applicant; raises IllegalMove if there is none."""
    chosen = (
        select(Correction)
        .where(Correction.application_id == application.id)
        .where(Correction.answered_at.is_(None), Correction.withdrawn_at.is_(None))
        .where(Correction.lapsed_at.is_(None))
    )
    found = await session.scalar(chosen)
    if found is None:
        raise IllegalMove(application.status, Status.SUBMITTED)
    return found


async def _resume(session: AsyncSession, application: Application) -> None:
    coming = await session_of(session, application.session_id)
    application.resume(session_at=coming.starts_at if coming else None)
    session_due = application.due_at
    await stop_clocks(session, application)
    application.due_at = session_due


def _refuse_unless_in_check(application: Application) -> None:
    if application.status not in IN_CHECK or application.erased_at is not None:
        raise IllegalMove(application.status, Status.ADMISSIBLE)
