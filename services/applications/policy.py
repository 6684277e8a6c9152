"""Who may do what here; an action that is not named is refused."""

from typing import Final

from services.applications.domain import Application
from shared.web.access import Actor, Policy, Role, authorizer, grant, public


def _own(actor: Actor, application: Application) -> bool:
    return application.id in actor.application_ids


POLICY: Final[Policy] = {
    "fund.read": public(),
    "draft.write": public(),
    "case.ask": public(),
    "case.list": public(),
    "case.read": grant(owners=("applicant",), owns=_own),
    "case.write": grant(owners=("applicant",), owns=_own),
    "statement.give": public(),
    "office.read": grant(Role.OFFICE, Role.AUDITOR),
    "fund.office_read": grant(Role.OFFICE, Role.AUDITOR),
    "fund.found": grant(Role.OFFICE),
    "fund.change": grant(Role.OFFICE),
    "budget.set": grant(Role.OFFICE),
    "budget.release": grant(Role.OFFICE),
    "office.erase": grant(Role.OFFICE),
    "office.export": grant(Role.OFFICE, Role.AUDITOR),
    "office.enter": grant(Role.OFFICE),
    "office.change": grant(Role.OFFICE),
    "office.check": grant(Role.OFFICE),
    "office.decide": grant(Role.OFFICE),
    "office.grant": grant(Role.OFFICE),
    "api.read": grant(Role.OFFICE, Role.AUDITOR),
    "api.submit": grant(Role.OFFICE),
}

authorize = authorizer(POLICY)
