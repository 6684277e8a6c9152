"""The minutes as they are read: the whole with names, or the public version, where none is put in."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.meetings.domain.attendance import Attendance
from services.meetings.domain.board import Majority, VoteBase
from services.meetings.domain.minutes import CLOSING, OPENING, MinutesStatus, public, written
from services.meetings.domain.session import Session
from services.meetings.domain.votes import Vote
from services.meetings.minutes_words import (
    CAME_OF_IT,
    CHOICE,
    MANNER,
    RECUSED,
    Speech,
    how_many_tasks,
    proposals,
    quorum_sentence,
)
from services.meetings.queries.minutes import Facts, ItemFacts, Present, Record, VoteFacts
from services.meetings.verdict_words import why_of
from services.meetings.words import MAJORITY, VOTE_BASE
from shared.days import local_day
from shared.print.minutes import MinutesPaper, PaperItem, PaperVote
from shared.web.formats import number
from shared.web.i18n import lazy

ERASED = lazy("(gelöscht)")


def texts_of(facts: Facts, record: Record) -> dict[str, str]:
    """What stands beside the facts of each part: what was written, else what is proposed."""
    return {**proposals(facts), **{p: t for p, t in record.texts.items() if p in facts.parts}}


def minutes_paper(facts: Facts, record: Record, *, whole: bool, lang: str) -> MinutesPaper:
    """One version in one language; the office's texts are public as typed, but for their blanks."""
    speech, shown = Speech(lang), written if whole else public
    texts = {part: shown(text) for part, text in texts_of(facts, record).items()}
    return MinutesPaper(
        title=title_of(facts.meeting, speech),
        whole=whole,
        dated_on=local_day(
            record.minutes.written_at if record.minutes else facts.meeting.starts_at
        ),
        standing=_standing(record, speech),
        rows=list(_rows(facts, speech)),
        notes=list(_who(facts, speech, whole=whole)),
        presence=[_line(one, facts.meeting, speech) for one in facts.present] if whole else (),
        opening=texts[OPENING],
        items=[_item(one, texts, speech, whole=whole) for one in facts.items],
        closing=texts[CLOSING],
    )


def title_of(meeting: Session, speech: Speech) -> str:
    """How the minutes are called."""
    day = speech.voice.day(meeting.starts_at)
    return speech.gettext("Protokoll der Sitzung am %(day)s", day=day)


def heading_of(item: ItemFacts, speech: Speech) -> str:
    """How an item is called."""
    position, title = item.line.position, speech.said(item.line.title)
    return speech.gettext("Punkt %(position)s: %(title)s", position=position, title=title)


def name_of(name: str, speech: Speech) -> str:
    """As the person wrote it; of an erased one nothing is left."""
    return speech.said(name) or speech.gettext(ERASED)


def _standing(record: Record, speech: Speech) -> str:
    minutes = record.minutes
    if minutes is None or minutes.status is MinutesStatus.DRAFT:
        return speech.gettext("Entwurf.")
    if minutes.status is MinutesStatus.APPROVED and minutes.approved_at is not None:
        day = speech.voice.date(minutes.approved_at)
        return speech.gettext("Genehmigt am %(day)s.", day=day)
    assert minutes.object_until is not None, "circulated with a date"
    day = speech.voice.date(minutes.object_until)
    return speech.gettext("Entwurf. Einwände sind möglich bis %(day)s.", day=day)


def _rows(facts: Facts, speech: Speech) -> Iterator[tuple[str, str]]:
    meeting, voice = facts.meeting, speech.voice
    yield speech.gettext("Gremium"), speech.said(meeting.board)
    yield speech.gettext("Tag"), voice.day(meeting.starts_at)
    yield speech.gettext("Ort"), speech.said(meeting.place)
    for label, at in ((lazy("Beginn"), meeting.opened_at), (lazy("Ende"), meeting.closed_at)):
        if at is not None:
            yield speech.gettext(label), speech.gettext("%(time)s Uhr", time=speech.clock(at))
    if facts.room is not None:
        there = {"present": facts.room.present, "members": facts.room.members}
        said = speech.gettext("%(present)s von %(members)s Stimmen da.", **there)
        yield speech.gettext("Bei der Eröffnung"), f"{said} {quorum_sentence(facts, speech)}"


def _who(facts: Facts, speech: Speech, *, whole: bool) -> Iterator[str]:
    """Numbers for everybody, names for the board."""
    if facts.present:
        yield speech.ngettext(
            "%(num)s Mitglied mit Stimmrecht war da.",
            "%(num)s Mitglieder mit Stimmrecht waren da.",
            len(facts.voters),
        )
    elif facts.votes:
        yield _by_the_votes(facts.votes, speech)
    if whole:
        yield from _away(facts, speech)
    else:
        yield from _how_many_away(facts, speech)
    if facts.guests:
        yield speech.ngettext("%(num)s Gast war da.", "%(num)s Gäste waren da.", facts.guests)


def _away(facts: Facts, speech: Speech) -> Iterator[str]:
    groups = ((lazy("Entschuldigt"), facts.excused), (lazy("Nicht da"), facts.absent))
    for label, members in groups:
        if members:
            names = speech.voice.listed([name_of(member.name, speech) for member in members])
            yield f"{speech.gettext(label)}: {names}."


def _how_many_away(facts: Facts, speech: Speech) -> Iterator[str]:
    excused, absent = len(facts.excused), len(facts.absent)
    if excused:
        yield speech.ngettext(
            "%(num)s Mitglied hatte sich entschuldigt.",
            "%(num)s Mitglieder hatten sich entschuldigt.",
            excused,
        )
    if absent:
        yield speech.ngettext("%(num)s Mitglied fehlte.", "%(num)s Mitglieder fehlten.", absent)


def _by_the_votes(votes: Sequence[Vote], speech: Speech) -> str:
    """Nobody wrote down who came: the votes say how many."""
    counts = [vote.counts["present"] for vote in votes]
    few, many = min(counts), max(counts)
    if few != many:
        sentence = lazy("Bei den Abstimmungen waren %(few)s bis %(many)s Mitglieder da.")
        return speech.gettext(sentence, few=few, many=many)
    return speech.ngettext(
        "Bei den Abstimmungen war %(num)s Mitglied da.",
        "Bei den Abstimmungen waren %(num)s Mitglieder da.",
        many,
    )


def _line(one: Present, meeting: Session, speech: Speech) -> tuple[str, str, str]:
    role = speech.gettext("Mitglied") if one.voting else speech.gettext("Gast")
    stays = speech.voice.listed([_stay(stay, meeting, speech) for stay in one.stays])
    return name_of(one.member.name, speech), role, stays


def _stay(stay: Attendance, meeting: Session, speech: Speech) -> str:
    begun = max(stay.arrived_at, meeting.opened_at or stay.arrived_at)
    until = stay.departed_at or meeting.closed_at
    if until is None:
        return speech.gettext("ab %(start)s Uhr", start=speech.clock(begun))
    times = {"start": speech.clock(begun), "end": speech.clock(until)}
    return speech.gettext("%(start)s bis %(end)s Uhr", **times)


def _item(item: ItemFacts, texts: Mapping[str, str], speech: Speech, *, whole: bool) -> PaperItem:
    return PaperItem(
        part=item.part,
        heading=heading_of(item, speech),
        rows=list(_item_rows(item, speech)),
        notes=[*_excluded(item, speech, whole=whole), *_tasks(item, speech, whole=whole)],
        votes=[_vote(one, item.line.title, speech, whole=whole) for one in item.votes],
        text=texts[item.part],
    )


def _item_rows(item: ItemFacts, speech: Speech) -> Iterator[tuple[str, str]]:
    line, hours = item.line, item.hours
    if line.case is not None:
        yield speech.gettext("Antrag"), speech.voice.number(line.number)
        yield speech.gettext("Beantragt"), speech.voice.euros(line.case.asked_cents)
    if line.standing == "granted":
        yield speech.gettext("Bewilligt"), speech.voice.euros(line.cents or 0)
    if hours is not None:
        start, end = speech.clock(hours.called_at), hours.finished_at
        times = speech.gettext("ab %(start)s Uhr", start=start)
        if end is not None:
            times = speech.gettext("%(start)s bis %(end)s Uhr", start=start, end=speech.clock(end))
        yield speech.gettext("Beraten"), times


def _excluded(item: ItemFacts, speech: Speech, *, whole: bool) -> Iterator[str]:
    """Who was left out and why: by name, or as numbers with the reason."""
    if whole:
        for member, because in item.recused:
            facts = {
                "name": name_of(member.name, speech),
                "reason": speech.gettext(RECUSED[because]),
            }
            yield speech.gettext("%(name)s hat nicht mitgestimmt: %(reason)s.", **facts)
    else:
        for because, many in sorted(Counter(why for _one, why in item.recused).items()):
            yield _not_voting(many, speech.gettext(RECUSED[because]), speech)
    counted = max((one.vote.counts["recused"] for one in item.votes), default=0)
    if counted and not item.recused:
        yield _not_voting(counted, speech.gettext("befangen"), speech)


def _not_voting(many: int, reason: str, speech: Speech) -> str:
    return speech.ngettext(
        "%(num)s Mitglied hat nicht mitgestimmt: %(reason)s.",
        "%(num)s Mitglieder haben nicht mitgestimmt: %(reason)s.",
        many,
        reason=reason,
    )


def _tasks(item: ItemFacts, speech: Speech, *, whole: bool) -> Iterator[str]:
    """Words and owners of tasks are the board's own business; that there are some is not."""
    if not whole and item.tasks:
        yield how_many_tasks(item, speech)
        return
    for task, owner in item.tasks:
        facts = {"title": speech.said(task.title), "name": name_of(owner, speech)}
        day = speech.voice.date(task.due_on)
        yield speech.gettext("Aufgabe: %(title)s. Wer: %(name)s. Bis %(day)s.", day=day, **facts)


def _vote(one: VoteFacts, title: str, speech: Speech, *, whole: bool) -> PaperVote:
    counts = [one.vote.counts[name] for name in ("yes", "no", "abstain", "invalid")]
    named = one.named if whole else ()
    return PaperVote(
        question=speech.question(one.vote, title),
        counts=[speech.voice.number(number(count, speech.lang)) for count in counts],
        verdict=why_of(one.vote, speech.lang),
        notes=list(_vote_notes(one, speech)),
        named=[
            (name_of(member.name, speech), speech.gettext(CHOICE[choice]))
            for member, choice in named
        ],
    )


def _vote_notes(one: VoteFacts, speech: Speech) -> Iterator[str]:
    vote, counts = one.vote, one.vote.counts
    yield speech.gettext(MANNER[vote.manner])
    there: dict[str, Any] = {name: counts[name] for name in ("members", "present", "eligible")}
    sentence = lazy("Da waren %(present)s von %(members)s, abstimmen durften %(eligible)s.")
    quorum = vote.decision.quorum
    needed = speech.gettext("Nötig waren %(quorum)s.", quorum=quorum) if quorum else ""
    yield f"{speech.gettext(sentence, **there)} {needed}".strip()
    yield _rule(vote, speech)
    if one.resolution:
        written_as = speech.voice.number(one.resolution)
        yield speech.gettext("Beschluss Nummer %(number)s.", number=written_as)
    for condition in vote.voted_conditions:
        facts = {"text": speech.said(condition.text), "day": speech.voice.date(condition.due_on)}
        yield speech.gettext("Auflage: %(text)s Bis %(day)s.", **facts)
    if vote.answer in CAME_OF_IT:
        yield speech.gettext(CAME_OF_IT[vote.answer])


def _rule(vote: Vote, speech: Speech) -> str:
    majority = Majority(vote.rules.get("majority", Majority.SIMPLE))
    said = {"majority": speech.gettext(MAJORITY[majority])}
    if majority is Majority.SIMPLE:
        return speech.gettext("Regel: %(majority)s.", **said)
    said["base"] = speech.gettext(VOTE_BASE[VoteBase(vote.rules.get("base", VoteBase.CAST))])
    return speech.gettext("Regel: %(majority)s. Gezählt werden: %(base)s.", **said)
