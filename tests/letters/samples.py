"""One believable occasion for every letter, and the variants that read differently."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from services.notifications.letters.rendering import Written, write
from shared.web.brand import load_brand

BRAND: Final = load_brand(Path("deploy/brand.toml"))
ORIGIN: Final = "https://stadtteil.example"
NAME: Final = "Ada Lovelace"

DECEMBER: Final = datetime(2026, 12, 9, 17, tzinfo=UTC)
MARCH: Final = datetime(2027, 3, 10, 17, tzinfo=UTC)
DEADLINE: Final = datetime(2026, 11, 25, 22, 59, 59, tzinfo=UTC)
SESSION: Final = UUID("018f0000-0000-7000-8000-000000000001")

LINK: Final = {
    "url": f"{ORIGIN}/link/Zm9vYmFy",
    "code": "K7PM-29QX",
    "expires_at": datetime(2026, 11, 2, 9, 10, tzinfo=UTC),
}
RECEIVED: Final = {
    "application": "2026-021",
    "session_at": DECEMBER,
    "late": False,
    "deadline": DEADLINE,
}
SUBSCRIBED: Final = {
    "manage_url": f"{ORIGIN}/abo/verwalten/t0ken",
    "unsubscribe_url": f"{ORIGIN}/abo/abmelden/t0ken",
}
APPOINTMENT: Final = {
    "board": "Freunde Westhagens",
    "starts_at": DECEMBER,
    "place": "Stadtteilbüro, Hallesche Straße 30",
    "note": "Der Eingang ist hinten.",
    "session_id": SESSION,
    "submission_deadline": DEADLINE,
}
POSTPONED: Final = APPOINTMENT | {"previous_starts_at": DECEMBER, "starts_at": MARCH}
CASE: Final = {"application": "2026-021", "case_url": f"{ORIGIN}/mein/{SESSION}"}
NOTE: Final = "Das Angebot für das Zelt ist vom letzten Jahr.\n\nBitte fragen Sie noch einmal."
BECAUSE: Final = "Für das Buffet gibt es kein Geld: Essen ist ausgeschlossen."
ITEMS: Final = [
    "who_may_apply",
    "funding_plan",
    "quotes",
    "not_begun",
    "lead_time",
    "ends_in_time",
    "cap",
    "own_share",
    "not_fundable",
    "repeat",
    "one_per_sponsor",
]
DUE: Final = CASE | {"due_at": DEADLINE}
GRANT: Final[dict[str, Any]] = CASE | {
    "public_title": "Sommerfest im Innenhof",
    "asked_cents": 80_000,
    "amount_cents": 65_000,
    "effective": True,
    "partial": False,
    "conditions": [],
    "waits_for": [],
    "accept_by": DEADLINE,
    "explanation": None,
}
CONDITIONS: Final = [
    ("Die Erlaubnis der Hausverwaltung liegt vor.", date(2026, 6, 30)),
    ("Die Nachbarn wissen Bescheid.", date(2026, 7, 15)),
]
REJECTED: Final = CASE | {
    "public_title": "Sommerfest im Innenhof",
    "because": "vote",
    "counts": (5, 6, 0),
    "explanation": None,
}
DEFERRED: Final = CASE | {
    "because": "vote",
    "next_session_at": MARCH,
    "explanation": None,
}
PLACED: Final = CASE | {"because": "session_planned", "session_at": MARCH}
SUM: Final = CASE | {"amount_cents": 65_000}
STATEMENT: Final = {
    "application": "2026-021",
    "url": f"{ORIGIN}/antraege/stellungnahme/t0ken",
    "code": None,
    "department": "Grünflächenamt",
    "field_of_action": "building",
    "asked_cents": 80_000,
    "due_at": DEADLINE,
    "reminder": False,
}
QUESTION: Final[dict[str, Any]] = {
    "topics": ["sessions", "newsletter"],
    "url": f"{ORIGIN}/abo/bestaetigen/t0ken",
    "expires_at": DECEMBER,
    "from_list": False,
    "fields": [],
    "occasion_kinds": [],
    "frequency": None,
}
CHOSEN: Final = {
    "topics": ["decisions", "newsletter", "occasions", "press", "sessions"],
    "fields": ["education", "building"],
    "occasion_kinds": ["festival", "walk"],
    "frequency": "weekly",
}
OFFICE_CASE: Final = {"application": "2026-021", "application_id": SESSION}
YEAR: Final = {"year": 2026, "budget_cents": 500_000}
PAPER: Final = {"paper": ("Ada Lovelace", "Hallesche Straße 12", "38444 Wolfsburg")}
FIRE: Final = "Im Haus ist ein Wasserschaden."
ISSUE: Final = {
    "issue_id": SESSION,
    "press": False,
    "title": "Winterfest, neue Bänke und 1.850 Euro für Ihre Ideen",
}
REFUSED: Final = {
    "sent": 120,
    "waiting": 222,
    "answer": "550 5.7.1 message refused by policy",
}
THING: Final = UUID("018f0000-0000-7000-8000-000000000002")
OWN: Final = f"{ORIGIN}/gremium/t0ken"
SEPTEMBER: Final = datetime(2027, 9, 4, 12, tzinfo=UTC)
DECISION: Final[dict[str, Any]] = SUBSCRIBED | {
    "title": "Sommerfest im Innenhof",
    "number_of": "2026-021",
    "field": "encounter",
    "path": f"/sitzungen/{SESSION}",
}
RESOLVED: Final[dict[str, Any]] = SUBSCRIBED | {
    "title": "Sitzungen im Sommer",
    "number_of": "2026-007",
    "text": "Im Juli und im August ist keine Sitzung.",
    "accepted": True,
    "counts": (9, 1, 2),
    "path": f"/sitzungen/{SESSION}",
}
MEET: Final = {
    "board": "Freunde Westhagens",
    "starts_at": DECEMBER,
    "place": "Stadtteilbüro",
    "path": f"/sitzungen/{SESSION}",
}
FEAST: Final = {
    "title": "Fest am Marktplatz",
    "starts_at": SEPTEMBER,
    "place": "Marktplatz Westhagen",
    "path": f"/termine/{THING}",
}
IDEA: Final = {"title": "Sommerfest im Innenhof", "path": "/antraege", "place": ""}
DIGEST: Final[dict[str, Any]] = SUBSCRIBED | {
    "groups": [
        {
            "topic": "sessions",
            "pieces": [
                MEET | {"what": "session_cancelled", "place": ""},
                MEET | {"what": "session_invited"},
                MEET | {"what": "session_postponed", "starts_at": MARCH},
                MEET | {"what": "session_scheduled"},
                MEET | {"what": "minutes_published", "day": DECEMBER, "place": ""},
            ],
        },
        {
            "topic": "occasions",
            "pieces": [
                FEAST | {"what": "occasion_changed"},
                FEAST | {"what": "occasion_cancelled", "place": ""},
                FEAST | {"what": "occasion_announced"},
                FEAST | {"what": "occasion_documented", "place": ""},
            ],
        },
        {
            "topic": "decisions",
            "pieces": [
                IDEA | {"what": "decision_granted", "amount_cents": 65_000},
                IDEA | {"what": "decision_rejected"},
                IDEA | {"what": "decision_resolved", "accepted": True},
                IDEA | {"what": "decision_resolved", "accepted": False},
            ],
        },
    ],
}
AGENDA: Final[list[dict[str, Any]]] = [
    {
        "position": 1,
        "title": "Begrüßung",
        "number": "",
        "second_call": False,
        "starts_at": DECEMBER,
    },
    {
        "position": 2,
        "title": "Sommerfest im Innenhof",
        "number": "2026-021",
        "second_call": True,
        "starts_at": datetime(2026, 12, 9, 17, 10, tzinfo=UTC),
    },
    {
        "position": 3,
        "title": "Verschiedenes",
        "number": "",
        "second_call": False,
        "starts_at": None,
    },
]
MEETING: Final = {name: said for name, said in APPOINTMENT.items() if name != "submission_deadline"}
INVITED: Final = MEETING | {
    "agenda": AGENDA,
    "may_vote": True,
    "urgent": False,
    "again": False,
    "url": OWN,
}
CIRCULAR: Final[dict[str, Any]] = {
    "title": "Bank vor der Bücherei",
    "text": "Wir geben 480 Euro für die Bank.",
    "amount_cents": 48_000,
    "closes_at": DEADLINE,
    "reminder": False,
    "url": OWN,
}
DRAFT: Final = {"starts_at": DECEMBER, "object_until": MARCH, "url": OWN}
MINUTES: Final = {
    "board": "Freunde Westhagens",
    "starts_at": DECEMBER,
    "path": f"/sitzungen/{SESSION}/protokoll",
}
TASK: Final[dict[str, Any]] = {
    "title": "Angebot für die Bühne einholen",
    "text": "Bitte bei zwei Firmen fragen.\n\nDie Liste liegt im Büro.",
    "due_on": date(2026, 12, 18),
    "url": OWN,
}
OCCASION: Final[dict[str, Any]] = {
    "title": "Fest am Marktplatz",
    "starts_at": SEPTEMBER,
    "ends_at": datetime(2027, 9, 4, 16, tzinfo=UTC),
    "place": "Marktplatz Westhagen",
}
REGISTRATION: Final = OCCASION | {"people": 2, "url": f"{ORIGIN}/termine/anmeldung/t0ken"}
AGAIN: Final = {"again": True}
EVERYBODY: Final = (
    OCCASION
    | SUBSCRIBED
    | {
        "text": "Wir feiern zusammen. Es gibt Musik und Spiele.",
        "occasion_id": THING,
        "registration": True,
        "places": 40,
        "register_until": DEADLINE,
    }
)
OFF: Final = {"title": "Fest am Marktplatz", "starts_at": SEPTEMBER, "reason": FIRE}

SAMPLES: Final[dict[str, dict[str, Any]]] = {
    "sign_in": LINK,
    "case_link": LINK,
    "case_link without a code": LINK | {"code": None},
    "account_invited": LINK,
    "draft_saved": {"url": LINK["url"], "expires_at": DECEMBER},
    "application_received": RECEIVED,
    "application_received late": RECEIVED | {"session_at": MARCH, "late": True},
    "application_received without a session": RECEIVED | {"session_at": None, "deadline": None},
    "application_withdrawn": {"application": "2026-021"},
    "case_session_postponed": POSTPONED | {"application": "2026-021", "reason": "room"},
    "case_session_cancelled": {
        "application": "2026-021",
        "starts_at": DECEMBER,
        "reason": FIRE,
    },
    "correction_requested": DUE | {"items": ["quotes", "funding_plan"], "note": NOTE},
    "correction_requested everything": DUE | {"items": ITEMS, "note": None},
    "correction_requested own words": DUE | {"items": [], "note": NOTE},
    "correction_withdrawn": CASE,
    "deadline_approaches correction": DUE | {"matter": "correction"},
    "deadline_approaches acceptance": DUE | {"matter": "acceptance"},
    "deadline_approaches condition": DUE | {"matter": "condition"},
    "application_inadmissible": CASE | {"reasons": ["not_begun"], "explanation": BECAUSE},
    "application_inadmissible everything": CASE | {"reasons": ITEMS, "explanation": None},
    "application_lapsed": CASE,
    "application_changed": CASE | {"fields": ["title", "costs", "contact_name", "unheard_of"]},
    "application_placed": PLACED,
    "application_placed cancelled": PLACED | {"because": "session_cancelled"},
    "application_placed cancelled without a session": PLACED
    | {"because": "session_cancelled", "session_at": None},
    "application_placed postponed": PLACED | {"because": "session_postponed"},
    "application_placed deferred": PLACED | {"because": "deferred"},
    "agenda_item_placed": CASE
    | {name: APPOINTMENT[name] for name in ("starts_at", "place", "note")},
    "grant_reserved": GRANT,
    "grant_reserved partial": GRANT | {"partial": True, "explanation": BECAUSE},
    "grant_reserved with conditions": GRANT | {"conditions": CONDITIONS, "accept_by": None},
    "grant_reserved subject to budget": GRANT
    | {"waits_for": ["release"], "effective": False, "accept_by": None},
    "grant_reserved everything": GRANT
    | {
        "partial": True,
        "explanation": BECAUSE,
        "conditions": CONDITIONS,
        "waits_for": ["release", "city"],
        "effective": False,
        "accept_by": None,
    },
    "grant_reserved on paper": GRANT | PAPER,
    "application_rejected": REJECTED,
    "application_rejected tie": REJECTED
    | {"because": "tie", "counts": (5, 5, 1), "explanation": BECAUSE},
    "application_rejected by the office": REJECTED
    | {"because": "office", "counts": None, "explanation": BECAUSE},
    "application_deferred": DEFERRED,
    "application_deferred no quorum": DEFERRED | {"because": "no_quorum", "next_session_at": None},
    "application_deferred session cancelled": DEFERRED | {"because": "session_cancelled"},
    "application_deferred taken off": DEFERRED | {"because": "taken_off", "explanation": BECAUSE},
    "grant_became_effective": SUM | {"accept_by": DEADLINE},
    "grant_became_effective with conditions": SUM | {"accept_by": None},
    "condition_met": CASE | {"still_open": 2, "accept_by": None},
    "condition_met the last one": CASE | {"still_open": 0, "accept_by": DEADLINE},
    "condition_met before the release": CASE | {"still_open": 0, "accept_by": None},
    "grant_lapsed acceptance": SUM | {"matter": "acceptance"},
    "grant_lapsed condition": SUM | {"matter": "condition"},
    "grant_revoked by the office": SUM | {"because": "office", "explanation": BECAUSE},
    "grant_revoked by the city": SUM | {"because": "city", "explanation": None},
    "grant_declined": SUM,
    "agreement_signed": SUM | {"signed": "online", "signed_on": date(2026, 6, 30)},
    "agreement_signed by hand": SUM | {"signed": "paper", "signed_on": date(2026, 6, 30)},
    "statement_requested": STATEMENT,
    "statement_requested again": STATEMENT | {"reminder": True, "code": LINK["code"]},
    "office_correction_received": OFFICE_CASE,
    "office_statement_given": OFFICE_CASE | {"department": "Grünflächenamt", "verdict": "concerns"},
    "office_statement_given no objection": OFFICE_CASE
    | {"department": "Grünflächenamt", "verdict": "no_objection"},
    "office_statement_given objection": OFFICE_CASE
    | {"department": "Grünflächenamt", "verdict": "objection"},
    "office_grant_not_covered": OFFICE_CASE
    | {"amount_cents": 80_000, "left_cents": 30_000, "year": 2026},
    "office_budget_runs_low": YEAR | {"left_cents": 45_000},
    "office_budget_released": YEAR | {"released_cents": 500_000, "gap_cents": 0},
    "office_budget_released with a gap": YEAR | {"released_cents": 250_000, "gap_cents": 35_000},
    "subscription_confirm": QUESTION,
    "subscription_confirm with choices": QUESTION | CHOSEN,
    "subscription_confirm from a list": QUESTION | {"from_list": True},
    "subscription_welcome": SUBSCRIBED
    | CHOSEN
    | {"agreed_on": DECEMBER, "proof": "Liste vom Sommerfest 2026, Unterschrift auf Papier."},
    "decision_granted": DECISION | {"amount_cents": 65_000, "effective": True},
    "decision_granted and waits": DECISION | {"amount_cents": 65_000, "effective": False},
    "decision_rejected": DECISION | {"counts": (5, 6, 1)},
    "decision_rejected by the office": DECISION | {"counts": None},
    "decision_resolved": RESOLVED,
    "decision_resolved against it": RESOLVED | {"accepted": False, "text": ""},
    "digest_daily": DIGEST,
    "digest_weekly": DIGEST | {"groups": DIGEST["groups"][:1]},
    "subscription_ended": {},
    "office_new_application": RECEIVED
    | {"application_id": SESSION, "asked_cents": 65_000, "late": False},
    "session_scheduled": APPOINTMENT | SUBSCRIBED,
    "session_postponed": POSTPONED | SUBSCRIBED | {"reason": "people"},
    "session_cancelled": SUBSCRIBED
    | {"board": "Freunde Westhagens", "starts_at": DECEMBER, "reason": FIRE},
    "session_invited": INVITED | SUBSCRIBED,
    "session_invited again": INVITED | SUBSCRIBED | AGAIN,
    "minutes_published": MINUTES | SUBSCRIBED,
    "accession_declared": {"attendances": 2},
    "accession_declared and may vote": {"attendances": 0},
    "office_accession_declared": {"member_id": THING},
    "member_joined": {"because": "attended", "attendances": 2},
    "member_joined at once": {"because": "declared", "attendances": 0},
    "member_joined regained": {"because": "regained", "attendances": 2},
    "member_joined by the office": {"because": "office", "attendances": 0},
    "member_suspended": {"because": "absent", "missed": 3, "regained_after": 2},
    "member_suspended by the office": {"because": "office", "missed": 0, "regained_after": None},
    "member_left": {},
    "member_left on paper": PAPER,
    "member_invited": INVITED,
    "member_invited again": INVITED | AGAIN | {"may_vote": False, "urgent": True, "note": None},
    "member_invited on paper": INVITED | PAPER,
    "member_session_postponed": MEETING
    | {"previous_starts_at": DECEMBER, "starts_at": MARCH, "reason": "room"},
    "member_session_cancelled": {
        "board": "Freunde Westhagens",
        "starts_at": DECEMBER,
        "reason": FIRE,
    },
    "circular_vote_requested": CIRCULAR,
    "circular_vote_requested again": CIRCULAR
    | {"reminder": True, "text": "", "amount_cents": None},
    "circular_vote_requested on paper": CIRCULAR | PAPER,
    "minutes_circulated": DRAFT,
    "minutes_circulated on paper": DRAFT | PAPER,
    "office_issue_paused": ISSUE | REFUSED,
    "office_issue_paused press": ISSUE | REFUSED | {"press": True, "answer": ""},
    "office_issue_held_back": ISSUE | {"too_late": False},
    "office_issue_held_back press": ISSUE | {"press": True, "too_late": True},
    "office_amendment_proposed": {"session_id": SESSION, "starts_at": DECEMBER},
    "member_minutes_approved": MINUTES,
    "minutes_reported": {"starts_at": DECEMBER, "url": OWN, "expires_at": MARCH},
    "task_assigned": TASK,
    "task_assigned on paper": TASK | PAPER | {"text": ""},
    "task_falls_due": TASK | {"days_late": -3},
    "task_falls_due late": TASK | {"days_late": 2, "text": ""},
    "registration_confirmed": REGISTRATION | {"again": False},
    "registration_confirmed again": REGISTRATION | AGAIN | {"ends_at": None},
    "registration_waitlisted": REGISTRATION | {"again": False, "position": 3},
    "registration_waitlisted again": REGISTRATION | AGAIN | {"position": 2},
    "registration_promoted": REGISTRATION,
    "registration_changed": REGISTRATION
    | {"previous_starts_at": MARCH, "previous_place": "Bücherei", "waiting": False},
    "registration_changed while waiting": REGISTRATION
    | {"previous_starts_at": MARCH, "previous_place": "Bücherei", "waiting": True},
    "registration_reminded": REGISTRATION,
    "registration_ended": REGISTRATION | {"because": "withdrawn"},
    "registration_ended by the office": REGISTRATION | {"because": "office"},
    "registration_cancelled": OFF,
    "registration_cancelled without a reason": OFF | {"reason": ""},
    "occasion_announced": EVERYBODY,
    "occasion_announced for all": EVERYBODY
    | {"registration": False, "places": None, "register_until": None, "ends_at": None},
    "occasion_changed": EVERYBODY | {"places": None, "register_until": None},
    "occasion_cancelled": OFF | SUBSCRIBED,
    "occasion_documented": SUBSCRIBED
    | {
        "title": "Fest am Marktplatz",
        "starts_at": SEPTEMBER,
        "text": "Viele sind gekommen.\n\nDie Bilder hängen in der Bücherei.",
        "visitors": 120,
        "path": f"/termine/{THING}",
    },
}
"""By kind, with the variant behind it."""


def written(sample: str, language: str, *, name: str = NAME, **facts: Any) -> Written:
    """The letter as it would be kept."""
    said = SAMPLES[sample] | facts
    paper = said.pop("paper", None)
    return write(
        sample.split(maxsplit=1)[0],
        language=language,
        name=name,
        brand=BRAND,
        origin=ORIGIN,
        facts=said,
        paper=paper,
    )
