"""Who may do what, written down a second time: the policies must agree with this, route by route."""

from typing import Final, Literal

Persona = Literal["anonymous", "member", "office", "payer", "auditor", "applicant", "partner"]
PERSONAS: Final[tuple[Persona, ...]] = (
    "anonymous",
    "member",
    "office",
    "payer",
    "auditor",
    "applicant",
    "partner",
)

People = frozenset[Persona]

EVERYONE: Final[People] = frozenset(PERSONAS)
ACCOUNTS: Final[People] = frozenset({"member", "office", "payer", "auditor"})
READERS: Final[People] = frozenset({"office", "auditor"})
OFFICE: Final[People] = frozenset({"office"})
OWNER: Final[People] = frozenset({"applicant"})
RUNNERS: Final[People] = frozenset({"member"})
"""Members who run the board's sessions; every other member is refused."""
PARTNER: Final[People] = frozenset({"partner"})

EXPECTED: Final[dict[str, dict[str, People]]] = {
    "applications": {
        "fund.read": EVERYONE,
        "draft.write": EVERYONE,
        "case.ask": EVERYONE,
        "case.list": EVERYONE,
        "case.read": OWNER,
        "case.write": OWNER,
        "statement.give": EVERYONE,
        "office.read": READERS,
        "fund.office_read": READERS,
        "fund.found": OFFICE,
        "fund.change": OFFICE,
        "budget.set": OFFICE,
        "budget.release": OFFICE,
        "office.erase": OFFICE,
        "office.export": READERS,
        "office.enter": OFFICE,
        "office.change": OFFICE,
        "office.check": OFFICE,
        "office.decide": OFFICE,
        "office.grant": OFFICE,
        "api.read": READERS,
        "api.submit": OFFICE,
    },
    "meetings": {
        "session.list": EVERYONE,
        "session.read": EVERYONE,
        "session.office_list": READERS,
        "session.plan": OFFICE,
        "session.postpone": OFFICE,
        "session.cancel": OFFICE,
        "agenda.read": EVERYONE,
        "agenda.change": OFFICE,
        "paper.read": READERS,
        "papers.by_link": EVERYONE,
        "invitation.issue": OFFICE,
        "invitation.print": OFFICE,
        "reply.give": EVERYONE,
        "reply.list": READERS,
        "reply.note": OFFICE,
        "vote.record": OFFICE,
        "room.read": RUNNERS | READERS,
        "room.run": RUNNERS | OFFICE,
        "minutes.read": EVERYONE,
        "minutes.draft": EVERYONE,
        "minutes.whole": RUNNERS | READERS,
        "minutes.keep": RUNNERS | OFFICE,
        "ballot.enter": EVERYONE,
        "ballot.cast": EVERYONE,
        "ballot.list": EVERYONE,
        "wall.read": EVERYONE,
        "occasion.list": EVERYONE,
        "occasion.read": EVERYONE,
        "occasion.office_read": READERS,
        "occasion.change": OFFICE,
        "registration.order": EVERYONE,
        "registration.own": EVERYONE,
        "registration.list": READERS,
        "registration.change": OFFICE,
        "resolution.read": EVERYONE,
        "circular.read": RUNNERS | READERS,
        "circular.run": RUNNERS | OFFICE,
        "circular.enter": OFFICE,
        "circular.answer": EVERYONE,
        "circular.own": ACCOUNTS,
        "urgent.decide": RUNNERS | OFFICE,
        "task.read": READERS,
        "task.write": OFFICE,
        "task.own": EVERYONE,
        "task.own_close": RUNNERS,
        "followed.read": READERS,
        "board.read": READERS,
        "board.change": OFFICE,
        "member.list": READERS,
        "member.read": READERS,
        "member.export": READERS,
        "member.record": OFFICE,
        "member.change": OFFICE,
        "member.erase": OFFICE,
        "unit.change": OFFICE,
        "gremium.read": EVERYONE,
        "gremium.reply": ACCOUNTS,
        "accession.declare": EVERYONE,
        "papers.own": ACCOUNTS,
        "account.list": READERS,
        "account.read": READERS,
        "account.open": OFFICE,
        "account.invite": OFFICE,
        "account.roles": OFFICE,
        "account.deactivate": OFFICE,
        "account.reactivate": OFFICE,
        "account.reset": OFFICE,
        "account.own": ACCOUNTS,
        "account.own_change": ACCOUNTS,
        "account.sign_in": EVERYONE,
        "account.sign_out": EVERYONE,
        "account.set_up": EVERYONE,
    },
    "notifications": {
        "front.read": EVERYONE,
        "news.read": EVERYONE,
        "news.remove": OFFICE,
        "calendar.read": EVERYONE,
        "feeds.explain": EVERYONE,
        "feeds.follow": EVERYONE,
        "feed.read": PARTNER,
        "legal.read": EVERYONE,
        "partner.list": READERS,
        "partner.read": READERS,
        "partner.create": OFFICE,
        "partner.change": OFFICE,
        "partner.keys": OFFICE,
        "letter.list": READERS,
        "letter.read": READERS,
        "letter.decide": OFFICE,
        "subscription.order": EVERYONE,
        "subscription.confirm": EVERYONE,
        "subscription.manage": EVERYONE,
        "subscription.end": EVERYONE,
    },
}
"""By service and action. A new action fails the tests until somebody decides here who it is for."""

OWNED: Final = frozenset({"case.read", "case.write", "feed.read"})
"""Actions about one's own thing: with another's, the people of EXPECTED are refused too."""

KERNEL: Final = frozenset(
    {
        "/static",
        "/static/brand.css",
        "/{service}/health/live",
        "/{service}/health/ready",
        "/{service}/metrics",
        "/{service}/openapi.json",
    }
)
"""What answers everyone without an action; nothing else may."""
