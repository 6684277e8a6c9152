"""Who may do what in meetings: an action that is not named here is refused to everyone."""

from typing import Final

from shared.web.access import Policy, Role, authorizer, grant, public

READERS: Final = (Role.OFFICE, Role.AUDITOR)
"""The auditor sees what the office sees and changes nothing; the payer's rights lie elsewhere."""


POLICY: Final[Policy] = {
    "session.list": public(),
    "session.read": public(),
    "session.office_list": grant(*READERS),
    "session.plan": grant(Role.OFFICE),
    "session.postpone": grant(Role.OFFICE),
    "session.cancel": grant(Role.OFFICE),
    "agenda.read": public(),
    "paper.read": grant(*READERS),
    "vote.record": grant(Role.OFFICE),
    "board.read": grant(*READERS),
    "board.change": grant(Role.OFFICE),
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
