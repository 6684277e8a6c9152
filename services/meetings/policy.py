"""Who may do what in meetings: an action that is not named here is refused to everyone."""

from typing import Any, Final

from services.meetings.domain.member import BoardRole, Member
from shared.web.access import Actor, Policy, Role, authorizer, grant, public

READERS: Final = (Role.OFFICE, Role.AUDITOR)
"""The auditor sees what the office sees and changes nothing; the payer's rights lie elsewhere."""


def runs_the_session(actor: Actor, member: Any) -> bool:
    """Chair, deputy or whoever writes the minutes: the board's own people at the session's screen."""
    own = isinstance(member, Member) and member.account_id == actor.account_id
    return own and member.runs_sessions


def chairs_the_board(actor: Actor, member: Any) -> bool:
    """Chair or deputy: they may have the board decide between two sessions, as the office may."""
    own = isinstance(member, Member) and member.account_id == actor.account_id
    return own and member.belongs and bool(member.role_set & {BoardRole.CHAIR, BoardRole.DEPUTY})


POLICY: Final[Policy] = {
    "session.list": public(),
    "session.read": public(),
    "session.office_list": grant(*READERS),
    "session.plan": grant(Role.OFFICE),
    "session.postpone": grant(Role.OFFICE),
    "session.cancel": grant(Role.OFFICE),
    "agenda.read": public(),
    "agenda.change": grant(Role.OFFICE),
    "paper.read": grant(*READERS),
    "papers.by_link": public(),
    "invitation.issue": grant(Role.OFFICE),
    "invitation.print": grant(Role.OFFICE),
    "reply.give": public(),
    "reply.list": grant(*READERS),
    "reply.note": grant(Role.OFFICE),
    "vote.record": grant(Role.OFFICE),
    "room.read": grant(*READERS, owners=(Role.MEMBER,), owns=runs_the_session),
    "room.run": grant(Role.OFFICE, owners=(Role.MEMBER,), owns=runs_the_session),
    "minutes.read": public(),
    "minutes.draft": public(),
    "minutes.whole": grant(*READERS, owners=(Role.MEMBER,), owns=runs_the_session),
    "minutes.keep": grant(Role.OFFICE, owners=(Role.MEMBER,), owns=runs_the_session),
    "ballot.enter": public(),
    "ballot.cast": public(),
    "ballot.list": public(),
    "wall.read": public(),
    "occasion.list": public(),
    "occasion.read": public(),
    "occasion.office_read": grant(*READERS),
    "occasion.change": grant(Role.OFFICE),
    "registration.order": public(),
    "registration.own": public(),
    "registration.list": grant(*READERS),
    "registration.change": grant(Role.OFFICE),
    "resolution.read": public(),
    "circular.read": grant(*READERS, owners=(Role.MEMBER,), owns=chairs_the_board),
    "circular.run": grant(Role.OFFICE, owners=(Role.MEMBER,), owns=chairs_the_board),
    "circular.enter": grant(Role.OFFICE),
    "circular.answer": public(),
    "circular.own": grant("account"),
    "urgent.decide": grant(Role.OFFICE, owners=(Role.MEMBER,), owns=chairs_the_board),
    "task.read": grant(*READERS),
    "task.write": grant(Role.OFFICE),
    "task.own": public(),
    "task.own_close": grant(Role.MEMBER),
    "followed.read": grant(*READERS),
    "board.read": grant(*READERS),
    "board.change": grant(Role.OFFICE),
    "member.list": grant(*READERS),
    "member.read": grant(*READERS),
    "member.export": grant(*READERS),
    "member.record": grant(Role.OFFICE),
    "member.change": grant(Role.OFFICE),
    "member.erase": grant(Role.OFFICE),
    "unit.change": grant(Role.OFFICE),
    "gremium.read": public(),
    "gremium.reply": grant("account"),
    "accession.declare": public(),
    "papers.own": grant("account"),
    "account.list": grant(*READERS),
    "account.read": grant(*READERS),
    "account.open": grant(Role.OFFICE),
    "account.invite": grant(Role.OFFICE),
    "account.roles": grant(Role.OFFICE),
    "account.deactivate": grant(Role.OFFICE),
    "account.reactivate": grant(Role.OFFICE),
    "account.reset": grant(Role.OFFICE),
    "account.own": grant("account"),
    "account.own_change": grant("account"),
    "account.sign_in": public(),
    "account.sign_out": public(),
    "account.set_up": public(),
}

authorize = authorizer(POLICY)
