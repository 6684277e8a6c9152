"""Before an issue goes out: what to mend, a test to anybody's mailbox, pictures with their words."""

import asyncio
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from pydantic import AfterValidator, BaseModel, StringConstraints
from starlette.responses import HTMLResponse, Response

from services.notifications.domain.issue import Issue, IssueKind, IssueText, Status
from services.notifications.issues import checks, content, markdown, pictures, test_mail, writing
from services.notifications.issues.checks import Fault, Finding
from services.notifications.issues.content import NoText
from services.notifications.issues.pictures import LONGEST_ALT, MOST_BYTES, Refused
from services.notifications.pages import editor_words, words
from services.notifications.pages.editor_form import language_of
from services.notifications.pages.issues import issue_of, service_of
from shared.web.access import Guarded, Role, actor_of
from shared.web.fields import one_line
from shared.web.formats import filesize, isolated, number
from shared.web.forms import Email, Form, blank, read_form
from shared.web.i18n import BINDING
from shared.web.limits import limit
from shared.web.pages import gettext_of, page, see_other
from shared.web.pages import language_of as page_language
from shared.web.problems import problem

router = Guarded(prefix="/buero/rundbriefe")

ROOM: Final = 64 * 1024
"""Beside the picture: the other fields and how a form is packed."""

TOO_LATE: Final = editor_words.TOO_LATE


class TestForm(BaseModel):
    """Whom to send it to, and in which language."""

    email: Email
    sprache: Annotated[str, StringConstraints(max_length=8)] = BINDING


class PictureForm(BaseModel):
    """What a picture shows, for those who do not see it."""

    alt: Annotated[str, StringConstraints(max_length=LONGEST_ALT), AfterValidator(one_line)] = ""
    other_alt: Annotated[
        str, StringConstraints(max_length=LONGEST_ALT), AfterValidator(one_line)
    ] = ""
    decorative: bool = False
    sprache: Annotated[str, StringConstraints(max_length=8)] = BINDING


@router.get("/{issue_id:uuid}/pruefen", action="issue.view")
async def check_page(request: Request, issue_id: UUID) -> HTMLResponse:
    """The list: what blocks, what is advice, and what is well."""
    service = service_of(request)
    async with service.db.read() as session:
        issue = await issue_of(session, issue_id)
        sheet = await content.sheet(session, service, issue)
        found = await checks.findings(session, service, issue)
    by_check = {check: [one for one in found if one.check is check] for check in checks.Check}
    return _shown(
        request,
        "issues/check.html",
        issue,
        blank(),
        subject=content.one_line(sheet.text(BINDING).subject),
        by_check=by_check,
        blocking=sum(1 for one in found if one.blocks),
        advice=sum(1 for one in found if not one.blocks),
        writes=issue.status == Status.DRAFT and actor_of(request).has(Role.OFFICE),
        names=dict(words.letter_languages()),
        said=partial(_said, request),
        place=partial(_place, issue_id),
        CHECK=editor_words.CHECK,
        binding=BINDING,
    )


def _said(request: Request, finding: Finding) -> Markup:
    """The sentence, its facts in the direction they are read in."""
    lang = page_language(request)
    sentence = gettext_of(request)(str(editor_words.FAULT[finding.fault]))
    facts = {
        name: isolated(
            filesize(int(fact), lang) if finding.fault is Fault.TOO_LARGE else number(fact, lang)
        )
        if isinstance(fact, int)
        else Markup("<bdi>{}</bdi>").format(fact)
        for name, fact in finding.facts.items()
    }
    return Markup(sentence) % facts  # noqa: S704 - ours; the facts are escaped


def _place(issue_id: UUID, finding: Finding) -> str:
    """The field it is mended in."""
    other = finding.language != BINDING and finding.at != "neues"
    field = f"other_{finding.at}" if other else finding.at
    return f"/buero/rundbriefe/{issue_id}?sprache={finding.language}#{field}"


@router.get("/{issue_id:uuid}/test", action="issue.write")
async def where_to(request: Request, issue_id: UUID, sprache: str = BINDING) -> HTMLResponse:
    """Where to?"""
    async with service_of(request).db.read() as session:
        issue = await issue_of(session, issue_id)
    return await _test_page(request, issue, blank({"sprache": language_of(sprache)}))


@router.post(
    "/{issue_id:uuid}/test", action="issue.write", dependencies=[limit("60/hour", key="ip")]
)
async def send_test(request: Request, issue_id: UUID) -> Response:
    """One letter to this address, and to nobody else."""
    _, service = gettext_of(request), service_of(request)
    form = await read_form(request, TestForm)
    by = f"account:{actor_of(request).account_id}"
    async with service.db.begin() as session:
        issue = await issue_of(session, issue_id)
        if form.data is not None:
            await _queue_test(request, session, issue, form, by)
    if form.data is None:
        return await _test_page(request, issue, form, status=422)
    note = _("Der Test ist unterwegs an %(address)s.") % {"address": form.data.email}
    return see_other(f"/buero/rundbriefe/{issue_id}?sprache={language_of(form.data.sprache)}", note)


async def _queue_test(
    request: Request, session: Any, issue: Issue, form: Form[TestForm], by: str
) -> None:
    _, service, sent = gettext_of(request), service_of(request), form.data
    assert sent is not None
    try:
        language = language_of(sent.sprache)
        mail = await content.rendered(session, service, issue.id, language)
        at = service.clock.now()
        await test_mail.queue(session, service, issue.id, mail, sent.email, by=by, at=at)
    except NoText:
        form.refuse(
            "sprache", _("Schreiben Sie zuerst einen Betreff. Ohne ihn geht nichts hinaus.")
        )
    except test_mail.TakesNothing:
        form.refuse(
            "email", _("An diese Adresse schicken wir nichts mehr: Sie nimmt keine E-Mails an.")
        )


@router.get("/{issue_id:uuid}/bild", action="issue.write")
async def picture_page(request: Request, issue_id: UUID, sprache: str = BINDING) -> Response:
    """A picture, and what it shows."""
    async with service_of(request).db.read() as session:
        issue = await issue_of(session, issue_id)
        if issue.status != Status.DRAFT:
            return problem(request, 409, detail=TOO_LATE)
    return await _picture_page(request, issue, blank({"sprache": language_of(sprache)}))


@router.post(
    "/{issue_id:uuid}/bild",
    action="issue.write",
    max_body=MOST_BYTES + ROOM,
    dependencies=[limit("120/hour", key="ip")],
)
async def add_picture(request: Request, issue_id: UUID) -> Response:
    """Host the picture and put it at the end of the text."""
    _, service = gettext_of(request), service_of(request)
    form = await read_form(request, PictureForm)
    drawn = await _drawn(request, form)
    async with service.db.begin() as session:
        issue = await session.get(Issue, issue_id, with_for_update=True)
        if issue is None:
            return problem(request, 404)
        if issue.status != Status.DRAFT:
            return problem(request, 409, detail=TOO_LATE)
        if drawn is not None and form.data is not None:
            at = service.clock.now()
            await pictures.keep(session, drawn, at=at)
            for language, alt in _alts(form.data):
                line = pictures.line(drawn.sha256, alt)
                await writing.add_line(session, issue, language, line, at=at)
    if form.data is None:
        return await _picture_page(request, issue, form, status=422)
    note = _("Das Bild steht am Ende des Textes. Schieben Sie die Zeile, wohin Sie wollen.")
    return see_other(f"/buero/rundbriefe/{issue_id}?sprache={language_of(form.data.sprache)}", note)


async def _drawn(request: Request, form: Form[PictureForm]) -> pictures.Drawn | None:
    """The picture, outside any transaction; what is wrong with it is said beside the field."""
    _ = gettext_of(request)
    sent = form.files.get("picture", [])
    if form.data is not None and not form.data.decorative and not form.data.alt:
        form.refuse("alt", _("Schreiben Sie, was auf dem Bild zu sehen ist."))
    if not sent:
        form.refuse("picture", _("Wählen Sie ein Bild aus."))
        return None
    content_of = await sent[0].read(MOST_BYTES + 1)
    try:
        return await asyncio.to_thread(pictures.draw, content_of)
    except Refused as refused:
        facts = {"size": filesize(MOST_BYTES, page_language(request))}
        form.refuse("picture", _(str(editor_words.REFUSED[type(refused)])) % facts)
        return None


def _alts(form: PictureForm) -> list[tuple[str, str]]:
    """The words for it by language; the language beside German gets it only with its own."""
    german = (BINDING, "" if form.decorative else form.alt)
    language = language_of(form.sprache)
    if language == BINDING:
        return [german]
    other = "" if form.decorative else form.other_alt
    return [german, (language, other)] if other or form.decorative else [german]


async def _test_page(
    request: Request, issue: Issue, form: Form[Any], *, status: int = 200
) -> HTMLResponse:
    async with service_of(request).db.read() as session:
        written = await content.languages_of(session, issue.id)
    names = dict(words.letter_languages())
    offered = [(code, names.get(code, code)) for code in written or (BINDING,)]
    return _shown(request, "issues/test.html", issue, form, status=status, offered=offered)


async def _picture_page(
    request: Request, issue: Issue, form: Form[Any], *, status: int = 200
) -> HTMLResponse:
    language = language_of(str(form.values.get("sprache", BINDING)))
    async with service_of(request).db.read() as session:
        text = await session.get(IssueText, (issue.id, BINDING))
    origin = service_of(request).settings.origin
    shown = [] if text is None else [*markdown.pictures(text.body, origin)]
    return _shown(
        request,
        "issues/picture.html",
        issue,
        form,
        status=status,
        language=language,
        other_name="" if language == BINDING else dict(words.letter_languages())[language],
        shown=[picture for picture in shown if picture.sha256],
        size=filesize(MOST_BYTES, page_language(request)),
    )


def _shown(
    request: Request,
    template: str,
    issue: Issue,
    form: Form[Any],
    *,
    status: int = 200,
    **more: Any,
) -> HTMLResponse:
    titles = editor_words.TITLE[template.split("/")[1].removesuffix(".html")]
    return page(
        request,
        template,
        status=status,
        title=gettext_of(request)(str(titles)),
        here="rundbriefe",
        issue=issue,
        form=form,
        path=f"/buero/rundbriefe/{issue.id}",
        KIND=editor_words.KIND,
        kind=IssueKind(issue.kind),
        STATUS=editor_words.STATUS,
        STATUS_KIND=editor_words.STATUS_KIND,
        **more,
    )
