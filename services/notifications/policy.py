"""Who may do what in notifications: an action that is not named here is refused to everyone."""

from typing import Any, Final

from services.notifications.keys import opens
from shared.web.access import Actor, Policy, Role, authorizer, grant, public

READERS: Final = (Role.OFFICE, Role.AUDITOR)
"""The auditor sees what the office sees and changes nothing."""


def opens_topic(actor: Actor, topic: Any) -> bool:
    """Whether the key this partner came with is for the topic."""
    return opens(actor.scopes, topic)


POLICY: Final[Policy] = {
    "front.read": public(),
    "news.read": public(),
    "news.remove": grant(Role.OFFICE),
    "calendar.read": public(),
    "feeds.explain": public(),
    "feeds.follow": public(),
    "feed.read": grant(owners=("partner",), owns=opens_topic),
    "legal.read": public(),
    "subscription.order": public(),
    "subscription.confirm": public(),
    "subscription.manage": public(),
    "subscription.end": public(),
    "letter.list": grant(*READERS),
    "letter.read": grant(*READERS),
    "letter.decide": grant(Role.OFFICE),
    "letter.print": grant(Role.OFFICE),
    "unreachable.list": grant(*READERS),
    "suppression.lift": grant(Role.OFFICE),
    "suppression.add": grant(Role.OFFICE),
    "unreachable.tick_off": grant(Role.OFFICE),
    "subscriber.list": grant(*READERS),
    "subscriber.import": grant(Role.OFFICE),
    "subscriber.export": grant(Role.OFFICE),
    "subscriber.answer": grant(Role.OFFICE),
    "subscriber.erase": grant(Role.OFFICE),
    "issue.read": public(),
    "picture.read": public(),
    "issue.list": grant(*READERS),
    "issue.view": grant(*READERS),
    "issue.write": grant(Role.OFFICE),
    "issue.send": grant(Role.OFFICE),
    "partner.list": grant(*READERS),
    "partner.read": grant(*READERS),
    "partner.create": grant(Role.OFFICE),
    "partner.change": grant(Role.OFFICE),
    "partner.keys": grant(Role.OFFICE),
}

authorize = authorizer(POLICY)
