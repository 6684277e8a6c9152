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
        "paper.read": READERS,
        "vote.record": OFFICE,
        "board.read": READERS,
        "board.change": OFFICE,
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
