"""From the draft to the public version: who is asked, what they say, and what nobody can change later."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select

from services.meetings.commands.amendments import agree, propose, take_over
from services.meetings.commands.minutes import approve, circulate, write
from services.meetings.domain.attendance import Attendance
from services.meetings.domain.member import Member
from services.meetings.domain.minutes import (
    AlreadyApproved,
    Amendment,
    Minutes,
    MinutesStatus,
    TermOver,
    WasNotThere,
    WordsChanged,
)
from services.meetings.domain.session import Session
from services.meetings.handlers import forget_person
from services.meetings.queries.minutes import record_of
from services.meetings.store import Audit, Timer
from services.meetings.worker import create_worker
from shared.clock import SetClock
from shared.events.people import Contact, Link, PersonErasedByApplications
from shared.roles import Role
from shared.sealed import Sealed
from shared.service import Service
from shared.worker import settle
from tests.meetings.agendas import order
from tests.meetings.evenings import (
    APPLICANT,
    NAMES,
    WORDS,
    Evening,
    path_of,
    report_to_the_city,
    whole_evening,
)
from tests.meetings.people import Person, hidden, told
from tests.meetings.test_minutes import field_of, plain, read, typed

NewPerson = Callable[[], Person]


async def version_of(service: Service, done: Evening) -> int:
    async with service.db.read() as session:
        return (await record_of(session, done.session_id)).version


async def given_round(service: Service, **rules: Any) -> Evening:
    done = await whole_evening(service, **rules)
    async with service.db.begin() as session:
        await circulate(session, service, done.session_id, order(service))
    return done


async def approved(service: Service, done: Evening, *, reason: str = "Alle sind da.") -> None:
    click = order(service, await version_of(service, done))
    async with service.db.begin() as session:
        await approve(session, service, done.session_id, click, reason=reason)


async def status(service: Service, done: Evening) -> MinutesStatus:
    async with service.db.read() as session:
        return (await record_of(session, done.session_id)).status


async def test_everybody_who_was_there_gets_a_letter_with_a_link_of_their_own(
    meetings: Service, clock: SetClock
) -> None:
    done = await given_round(meetings)
    sent = await told(meetings, "minutes.circulated")
    assert len(sent) == 5
    data = sent[0]["data"]
    assert data["object_until"] == "2026-05-20T21:59:59Z"
    contact = await meetings.seals.open(Sealed(**data["contact"]), Contact)
    assert contact is not None
    assert contact.name in NAMES
    assert not any(word in str(one) for one in sent for word in WORDS)
    assert len(set((await done.links()).values())) == 5


async def test_a_member_reads_the_draft_objects_and_the_office_takes_it_over(
    meetings: Service, person: NewPerson
) -> None:
    done = await given_round(meetings)
    member, path = next(iter((await done.links()).items()))
    reader, office = person(), await person().enter(Role.OFFICE)
    page = await reader.get(path)
    assert "Emil Wagner hat nicht mitgestimmt" in plain(page.text)
    missing = await reader.post(path + "/einwand", {"part": "", "text": ""}, page=path)
    assert missing.status_code == 422
    wish = {"part": str(done.items[3]), "text": "Es waren zwei Bänke, nicht drei."}
    assert (await reader.post(path + "/einwand", wish, page=path)).status_code == 303
    [event_] = await told(meetings, "amendment.proposed")
    assert event_["audience"] == "internal"
    assert event_["data"]["session_id"] == str(done.session_id)
    assert "1 Einwand wartet auf Ihre Antwort." in plain((await office.get(done.path)).text)
    blocked = await office.post(done.path + "/genehmigen", {"reason": "Eile"}, page=done.path)
    assert blocked.status_code == 422
    answer_page = f"{done.path}/einwaende/{event_['data']['amendment_id']}"
    form = hidden((await office.get(answer_page)).text)
    form |= {"act": "take", "text": "Das Gremium will zwei Bänke.", "answer": "Stimmt."}
    assert (await office.http.post(answer_page, data=form)).status_code == 303
    seen = plain((await reader.get(path)).text)
    assert "Übernommen" in seen
    assert "Das Gremium will zwei Bänke." in seen
    assert "Stimmt." in seen
    assert member == done.hall.members[0]


async def test_refusing_an_amendment_needs_a_reason(meetings: Service, person: NewPerson) -> None:
    done = await given_round(meetings)
    amendment = await objected(meetings, done)
    office = await person().enter(Role.OFFICE)
    page = f"{done.path}/einwaende/{amendment}"
    refused = await office.post(page, {"act": "refuse", "text": "egal"})
    assert refused.status_code == 422
    assert "Schreiben Sie, warum Sie den Einwand nicht übernehmen." in refused.text
    answer = await office.post(page, {"act": "refuse", "answer": "So steht es im Beschluss."})
    assert answer.status_code == 303
    again = await office.post(page, {"act": "refuse", "answer": "Nein."}, page=done.path)
    assert again.status_code == 409
    assert "schon beantwortet" in again.text


async def objected(service: Service, done: Evening, place: int = 0) -> UUID:
    async with service.db.begin() as session:
        return await propose(
            session,
            done.session_id,
            done.hall.members[place],
            order(service),
            part="opening",
            text="Wir waren sechs.",
        )


async def test_only_who_was_there_may_object_or_agree(meetings: Service) -> None:
    done = await given_round(meetings)
    for place in (5, 6):
        with pytest.raises(WasNotThere):
            await objected(meetings, done, place)
        with pytest.raises(WasNotThere):
            async with meetings.db.begin() as session:
                member = done.hall.members[place]
                await agree(session, done.session_id, member, order(meetings))


async def test_a_stranger_and_another_sessions_link_find_nothing(
    meetings: Service, person: NewPerson
) -> None:
    done = await given_round(meetings)
    path = next(iter((await done.links()).values()))
    token = path.rsplit("/", 1)[1]
    stranger = person()
    assert (await stranger.get(path[:-3] + "abc")).status_code == 404
    other = f"/sitzungen/{done.items[0]}/protokoll/entwurf/{token}"
    assert (await stranger.get(other)).status_code == 404
    assert (await stranger.get(f"{done.public}/gesamt/{token}")).status_code == 404
    assert (await stranger.get(f"{done.public}/gesamt/{token}/protokoll.pdf")).status_code == 404
    page = await stranger.get("/anmelden")
    sent = hidden(page.text) | {"part": "opening", "text": "Nein."}
    answer = await stranger.http.post(path[:-3] + "abc/einwand", data=sent)
    assert answer.status_code == 404


async def test_a_link_ends_a_month_after_the_date(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    done = await given_round(meetings)
    path = next(iter((await done.links()).values()))
    clock.forward(days=40)
    assert "Die Zeit für Einwände war am" in (await person().get(path)).text
    with pytest.raises(TermOver):
        await objected(meetings, done)
    clock.forward(days=10)
    assert (await person().get(path)).status_code == 410


async def test_the_draft_is_taken_back_only_while_nobody_has_answered(
    meetings: Service, person: NewPerson
) -> None:
    done = await given_round(meetings)
    office, path = await person().enter(Role.OFFICE), next(iter((await done.links()).values()))
    back = await office.post(done.path + "/zuruecknehmen", page=done.path)
    assert back.status_code == 303
    assert await status(meetings, done) is MinutesStatus.DRAFT
    assert (await person().get(path)).status_code == 404
    assert (await office.post(done.path + "/genehmigung")).status_code == 303
    async with meetings.db.begin() as session:
        await agree(session, done.session_id, done.hall.members[0], order(meetings))
    assert (await office.post(done.path + "/zuruecknehmen", page=done.path)).status_code == 409


async def test_words_of_a_circulated_draft_change_by_amendments_only_but_blanks_may_be_set(
    meetings: Service, person: NewPerson
) -> None:
    done = await given_round(meetings)
    with pytest.raises(WordsChanged):
        async with meetings.db.begin() as session:
            click = order(meetings, await version_of(meetings, done))
            await write(session, done.session_id, {"opening": "Anders."}, click)
    office = await person().enter(Role.OFFICE)
    sent = typed((await office.get(done.path)).text)
    name = field_of(sent, "closing")
    sent[name] = sent[name].replace("19:30", "[[19:30]]")
    assert (await office.http.post(done.path, data=sent)).status_code == 303
    sent = typed((await office.get(done.path)).text)
    sent[name] = "Ganz anders."
    assert (await office.http.post(done.path, data=sent)).status_code == 422


async def test_when_all_agree_the_minutes_are_approved_before_the_date_without_a_reason(
    meetings: Service, person: NewPerson
) -> None:
    done = await given_round(meetings)
    office = await person().enter(Role.OFFICE)
    early = await office.post(done.path + "/genehmigen")
    assert early.status_code == 422
    assert "Schreiben Sie, warum Sie nicht warten." in early.text
    for path in (await done.links()).values():
        assert (await person().post(path + "/einverstanden", page=path)).status_code == 303
    check = plain((await office.get(done.path + "/genehmigen")).text)
    assert "Alle, die da waren, sind einverstanden." in check
    assert (await office.post(done.path + "/genehmigen")).status_code == 303
    [event_] = await told(meetings, "minutes.approved")
    assert event_["audience"] == "public"
    assert event_["data"]["path"] == done.public
    async with meetings.db.read() as session:
        meeting = await session.get_one(Session, done.session_id)
        kept = (await record_of(session, done.session_id)).minutes
    assert meeting.status == "minuted"
    assert kept is not None
    assert kept.approved_because == "all_agreed"


async def test_who_agreed_before_a_change_agreed_to_something_else(meetings: Service) -> None:
    done = await given_round(meetings)
    async with meetings.db.begin() as session:
        await agree(session, done.session_id, done.hall.members[1], order(meetings))
    amendment = await objected(meetings, done)
    click = order(meetings, await version_of(meetings, done))
    async with meetings.db.begin() as session:
        await take_over(session, amendment, click, text="Wir waren sechs.")
    async with meetings.db.read() as session:
        assert (await record_of(session, done.session_id)).agreed == frozenset()


async def test_after_the_date_the_page_says_so_and_a_person_approves(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    done = await given_round(meetings)
    worker = create_worker(meetings)
    clock.forward(days=13)
    await settle(worker)
    async with meetings.db.read() as session:
        assert (await session.scalar(select(Minutes.term_over_at))) is None
    clock.forward(days=2)
    await settle(worker)
    async with meetings.db.read() as session:
        assert (await session.scalar(select(Minutes.term_over_at))) == clock.now()
        left = await session.scalars(select(Timer).where(Timer.kind == "minutes.term"))
        assert left.all() == []
    assert await status(meetings, done) is MinutesStatus.CIRCULATED
    office = await person().enter(Role.OFFICE)
    assert "Sie können das Protokoll genehmigen." in (await office.get(done.path)).text
    assert (await office.post(done.path + "/genehmigen")).status_code == 303
    assert await status(meetings, done) is MinutesStatus.APPROVED


async def test_without_days_to_object_the_minutes_are_approved_at_once(
    meetings: Service, person: NewPerson
) -> None:
    done = await whole_evening(meetings, objection_days=0)
    office = await person().enter(Role.OFFICE)
    assert "Vor der Genehmigung wird niemand gefragt." in (await office.get(done.path)).text
    assert (await office.post(done.path + "/genehmigen")).status_code == 303
    assert await told(meetings, "minutes.circulated") == []


async def test_with_days_to_object_a_draft_is_not_approved_unasked(
    meetings: Service, person: NewPerson
) -> None:
    done = await whole_evening(meetings)
    office = await person().enter(Role.OFFICE)
    assert (
        "Zuerst bekommen alle, die da waren" in (await office.get(done.path + "/genehmigen")).text
    )
    answer = await office.post(done.path + "/genehmigen", {"reason": "Eile"}, page=done.path)
    assert answer.status_code == 409
    assert await status(meetings, done) is MinutesStatus.DRAFT


async def test_names_in_the_public_text_are_confirmed_or_blanked_before_approval(
    meetings: Service, person: NewPerson
) -> None:
    done = await whole_evening(meetings, objection_days=0)
    async with meetings.db.begin() as session:
        text = {"closing": f"{APPLICANT} dankt."}
        await write(session, done.session_id, text, order(meetings))
    office = await person().enter(Role.OFFICE)
    refused = await office.post(done.path + "/genehmigen")
    assert refused.status_code == 422
    assert "Bestätigen Sie die Namen" in refused.text
    assert await status(meetings, done) is MinutesStatus.DRAFT
    answer = await office.post(done.path + "/genehmigen", {"names_confirmed": "true"})
    assert answer.status_code == 303
    assert APPLICANT in (await person().get(done.public)).text


async def test_the_public_version_names_nobody(meetings: Service, person: NewPerson) -> None:
    done = await given_round(meetings)
    await approved(meetings, done)
    reader = person()
    page = await reader.get(done.public)
    pdf = read(await reader.get(done.public + ".pdf"))
    api = await reader.get(f"/api/v1/meetings/sessions/{done.session_id}/minutes")
    for said in (page.text, pdf, api.text):
        assert not [word for word in WORDS if word in said]
    seen = plain(page.text)
    for fact in (
        "5 Mitglieder mit Stimmrecht waren da.",
        "1 Mitglied hatte sich entschuldigt.",
        "1 Mitglied fehlte.",
        "1 Mitglied hat nicht mitgestimmt: arbeitet beim Antragsteller.",
        "Daraus folgt 1 Aufgabe.",
        "Angenommen mit 2 Ja bei 1 Nein.",
    ):
        assert fact in seen
        assert fact in pdf
    assert "Angebote für Bänke" not in seen
    assert api.json()["items"][3]["votes"][0]["counts"] == ["2", "1", "1", "0"]


async def test_approved_minutes_are_never_changed(meetings: Service, person: NewPerson) -> None:
    done = await given_round(meetings)
    amendment = await objected(meetings, done)
    office = await person().enter(Role.OFFICE)
    settled = {"act": "refuse", "answer": "Nein."}
    await office.post(f"{done.path}/einwaende/{amendment}", settled)
    await approved(meetings, done)
    version = await version_of(meetings, done)
    with pytest.raises(AlreadyApproved):
        async with meetings.db.begin() as session:
            click = order(meetings, version)
            await write(session, done.session_id, {"opening": "Anders."}, click)
    with pytest.raises(AlreadyApproved):
        await objected(meetings, done)
    for step in ("genehmigung", "zuruecknehmen", "genehmigen"):
        answer = await office.post(f"{done.path}/{step}", {"version": str(version)}, page="/konto")
        assert answer.status_code == 409, step
    late = await office.post(f"{done.path}/einwaende/{amendment}", settled, page="/konto")
    assert late.status_code == 409
    assert "<textarea" not in (await office.get(done.path)).text
    assert await version_of(meetings, done) == version


async def test_the_city_gets_a_link_to_the_whole_for_thirty_days(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    await report_to_the_city(meetings)
    done = await given_round(meetings)
    await approved(meetings, done)
    [event_] = await told(meetings, "minutes.reported")
    contact = await meetings.seals.open(Sealed(**event_["data"]["contact"]), Contact)
    link = await meetings.seals.open(Sealed(**event_["data"]["link"]), Link)
    assert contact is not None
    assert link is not None
    assert (contact.name, contact.email) == ("Sozialreferat", "sozialreferat@stadt.example")
    city, path = person(), path_of(link.url)
    page = await city.get(path)
    assert "Emil Wagner hat nicht mitgestimmt" in plain(page.text)
    assert "Carla Neumann Nein" in read(await city.get(path + "/protokoll.pdf"))
    assert page.headers["cache-control"] == "no-store"
    clock.forward(days=31)
    assert (await city.get(path)).status_code == 410


async def test_without_a_city_nothing_is_reported(meetings: Service) -> None:
    done = await given_round(meetings)
    await approved(meetings, done)
    assert await told(meetings, "minutes.reported") == []


async def test_an_erased_member_is_gone_from_new_renderings(
    meetings: Service, person: NewPerson
) -> None:
    done = await given_round(meetings)
    amendment = await objected(meetings, done, 3)
    path = (await done.links())[done.hall.members[3]]
    office = await person().enter(Role.OFFICE)
    await office.post(f"{done.path}/einwaende/{amendment}", {"act": "refuse", "answer": "Nein."})
    await approved(meetings, done)
    async with meetings.db.begin() as session:
        member = await session.get_one(Member, done.hall.members[3])
        gone = PersonErasedByApplications(
            at=meetings.clock.now(), person_id=member.person_id, person_ids=[member.person_id]
        )
        await forget_person(gone, session, meetings)
    whole = read(await office.get(done.path + "/vollstaendig.pdf"))
    assert "Dilek" not in whole
    assert "(gelöscht) Mitglied 18:00 bis 19:10 Uhr" in whole
    assert "(gelöscht) Enthaltung" in whole
    async with meetings.db.read() as session:
        assert (await session.get_one(Amendment, amendment)).text == ""
    assert (await person().get(path)).status_code == 404


async def test_the_trail_names_codes_and_never_people(meetings: Service) -> None:
    done = await given_round(meetings)
    await objected(meetings, done)
    async with meetings.db.read() as session:
        kept = list(await session.scalars(select(Audit)))
    said = [f"{one.actor} {one.action} {one.details}" for one in kept]
    assert {"minutes.circulate", "amendment.propose"} <= {one.action for one in kept}
    assert not [line for line in said if any(word in line for word in (*WORDS, "sechs"))]


async def test_the_api_reads_writes_circulates_and_approves(
    meetings: Service, clock: SetClock, person: NewPerson
) -> None:
    done = await whole_evening(meetings)
    office = await person().enter(Role.OFFICE)
    path = f"/api/v1/meetings/sessions/{done.session_id}/minutes"
    token = hidden((await office.get("/konto")).text)["csrf_token"]
    headers = {"X-CSRF-Token": token}
    assert (await office.get(path)).status_code == 404
    kept = (await office.get(path + "/texts")).json()
    assert (kept["status"], kept["version"], len(kept["texts"])) == ("draft", 0, 8)
    write_ = {"version": 0, "texts": {"opening": "Guten Abend."}}
    kept = (await office.http.put(path + "/texts", json=write_, headers=headers)).json()
    assert (kept["texts"]["opening"], kept["version"]) == ("Guten Abend.", 1)
    stale = await office.http.put(
        path + "/texts", json=write_ | {"texts": {"opening": "X"}}, headers=headers
    )
    assert stale.status_code == 409
    step = {"command_id": str(done.items[0]), "version": kept["version"]}
    for _time in range(2):
        answer = await office.http.post(path + "/circulate", json=step, headers=headers)
        assert answer.status_code == 200, answer.text
        kept = answer.json()
    assert kept["status"] == "circulated"
    assert len(await told(meetings, "minutes.circulated")) == 5
    hold = {"command_id": str(done.items[1]), "version": kept["version"]}
    early = await office.http.post(path + "/approve", json=hold, headers=headers)
    assert early.status_code == 409
    clock.forward(days=15)
    await office.sign_in()
    token = hidden((await office.get("/konto")).text)["csrf_token"]
    answer = await office.http.post(path + "/approve", json=hold, headers={"X-CSRF-Token": token})
    assert answer.json()["approved_because"] == "term_over"
    assert (await person().get(path)).json()["opening"] == "Guten Abend."


async def test_two_hundred_members_get_their_links_in_few_statements(meetings: Service) -> None:
    done = await whole_evening(meetings)
    await many_more_there(meetings, done, 200)
    asked: list[str] = []

    def noted(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    for db in (meetings.db, meetings.seals.db):
        event.listen(db.engine.sync_engine, "before_cursor_execute", noted)
    async with meetings.db.begin() as session:
        await circulate(session, meetings, done.session_id, order(meetings))
    assert len(await told(meetings, "minutes.circulated")) == 205
    besides_the_events = [one for one in asked if not one.startswith("INSERT INTO outbox")]
    assert len(besides_the_events) <= 40


async def many_more_there(service: Service, done: Evening, many: int) -> None:
    async with service.db.begin() as session:
        first = await session.get_one(Member, done.hall.members[0])
        meeting = await session.get_one(Session, done.session_id)
        for number in range(many):
            more = Member.record(
                first.contact.model_copy(update={"name": f"Nummer {number}"}),
                board_id=first.board_id,
                person_id=first.person_id,
                language="de",
                at=service.clock.now(),
            )
            more.status = first.status
            session.add(more)
            await session.flush()
            session.add(
                Attendance(
                    session_id=meeting.id,
                    member_id=more.id,
                    arrived_at=meeting.starts_at,
                    departed_at=meeting.starts_at + timedelta(hours=1),
                )
            )
