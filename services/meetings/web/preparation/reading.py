"""Opening what the board reads: for one page or one file, and kept by nobody on the way."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request, Response

from services.meetings.desk import now, service_of
from services.meetings.domain.agenda import Case
from services.meetings.domain.session import Session
from services.meetings.queries import AgendaLine
from services.meetings.words import STATEMENT
from shared.days import local_day
from shared.events.applications import Explanation, Paper
from shared.print import Idea, Opinion, PaperItem, SessionPapers, session_papers
from shared.sealed import Sealed
from shared.web.pages import gettext_of, language_of

NO_STORE: Final = "private, no-store"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One line of an agenda with its paper opened."""

    line: AgendaLine
    paper: Paper | None
    statements: Sequence[dict[str, Any]]

    @property
    def erased(self) -> bool:
        """There was a paper, and the person asked to be forgotten."""
        return self.paper is None and self.line.case is not None and bool(self.line.case.paper)


async def readings(request: Request, lines: Iterable[AgendaLine]) -> list[Reading]:
    """Every item with what there is to read about it."""
    return [
        Reading(
            line=line,
            paper=await paper_of(request, line.case) if line.case else None,
            statements=await statements_of(request, line.case) if line.case else [],
        )
        for line in lines
    ]


async def paper_of(request: Request, case: Case) -> Paper | None:
    """What the board reads; None once the person is erased, or before it was prepared."""
    if case.paper is None:
        return None
    return await service_of(request).seals.open(Sealed(**case.paper), Paper)


async def statements_of(request: Request, case: Case) -> list[dict[str, Any]]:
    """Each department's answer, its words opened; None where they are erased."""
    opened = []
    for kept in case.statements.values():
        words: str | None = ""
        if kept["text"]:
            said = await service_of(request).seals.open(Sealed(**kept["text"]), Explanation)
            words = said.text if said else None
        opened.append({**kept, "text": words})
    return sorted(opened, key=lambda statement: str(statement["department"]))


async def papers_pdf(
    request: Request, meeting: Session, read: Sequence[Reading], *, left_cents: int | None
) -> Response:
    """All of a session's papers as one file in the reader's language."""
    _ = gettext_of(request)
    facts = SessionPapers(
        board=meeting.board,
        dated_on=local_day(now(request)),
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=meeting.place,
        left_cents=left_cents,
        items=[_printed(one, _) for one in read],
    )
    pdf = await asyncio.to_thread(
        session_papers, facts, brand=request.app.state.brand, language=language_of(request)
    )
    return pdf_response(pdf, f"unterlagen-{local_day(meeting.starts_at)}.pdf")


def pdf_response(pdf: bytes, name: str) -> Response:
    """A file to keep, and for no cache on the way."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": NO_STORE,
        "X-Content-Type-Options": "nosniff",
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


def _opinion(_: Callable[[str], str], said: dict[str, Any]) -> str:
    """A department's answer in the reader's language."""
    words = STATEMENT[said["verdict"]]
    return str(_(words))


def _printed(one: Reading, _: Callable[[str], str]) -> PaperItem:
    line, case = one.line, one.line.case
    return PaperItem(
        position=line.position,
        starts_at=line.starts_at,
        title=line.title,
        number=line.number,
        text=line.item.text,
        asked_cents=line.asked_cents,
        eligible_cents=case.eligible_cents if case else None,
        second_call=line.item.second_call,
        supplementary=line.item.supplementary,
        idea=_idea(one.paper) if one.paper else None,
        paper="here" if one.paper else "erased" if one.erased else "missing" if case else "none",
        opinions=[
            Opinion(
                department=said["department"],
                verdict=_opinion(_, said),
                text=said["text"],
            )
            for said in one.statements
        ],
    )


def _idea(paper: Paper) -> Idea:
    words = {"title", "applicant", "aim", "plan", "target_group", "benefit", "place"}
    return Idea(
        **paper.model_dump(include=words | {"starts_on", "ends_on"}),
        costs=[(cost.what, cost.cents, cost.not_paid) for cost in paper.costs],
        funding=[(money.what, money.cents) for money in paper.funding],
        files=len(paper.files),
    )
