"""Who may do what: every action names its people, the rest is refused."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from shared.web.actors import KINDS, Actor, Kind, Role


class Refused(Exception):
    """The actor may not do this."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


class Forbidden(Refused):
    """Known, and still not allowed."""


class SignInNeeded(Refused):
    """Not known yet; after signing in it may be allowed."""


class FreshSignInNeeded(Refused):
    """Allowed, but the sign-in is too long ago for something this serious."""


class Unproven(RuntimeError):
    """An endpoint answered about a thing without asking whose it is."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """The people of one action: `who` always, `owners` only with a thing that `owns` says is theirs."""

    who: frozenset[Role | Kind] = frozenset()
    owners: frozenset[Role | Kind] = frozenset()
    owns: Callable[[Actor, Any], bool] | None = None
    scope: str | None = None

    def always(self, actor: Actor) -> bool:
        return self._among(self.who, actor)

    def as_owner(self, actor: Actor) -> bool:
        return self.owns is not None and self._among(self.owners, actor)

    def _among(self, people: frozenset[Role | Kind], actor: Actor) -> bool:
        if actor.kind == "partner":
            return "partner" in people and (self.scope is None or self.scope in actor.scopes)
        return actor.kind in people or not actor.roles.isdisjoint(people)


Policy = Mapping[str, Grant]


def grant(
    *who: Role | Kind,
    owners: tuple[Role | Kind, ...] = (),
    owns: Callable[[Actor, Any], bool] | None = None,
    scope: str | None = None,
) -> Grant:
    """`grant(Role.OFFICE, owners=("applicant",), owns=own_application)`; partners need `scope`."""
    if bool(owners) != (owns is not None):
        raise ValueError("owners and owns belong together")
    return Grant(who=frozenset(who), owners=frozenset(owners), owns=owns, scope=scope)


def public() -> Grant:
    """Everyone, signed in or not."""
    return grant(*KINDS)


class Authorize(Protocol):
    """`authorize(actor, action)` at the door, `authorize(actor, action, thing)` with the thing."""

    def __call__(self, actor: Actor, action: str, thing: object | None = None) -> None: ...


@dataclass
class _Visit:
    """One request's proof: an owner let in at the door still owes the check of the thing."""

    action: str
    owed: bool


_visit: ContextVar[_Visit | None] = ContextVar("visit", default=None)


def authorizer(policy: Policy) -> Authorize:
    """The service's `authorize`: raises SignInNeeded or Forbidden unless the policy names the actor."""

    def authorize(actor: Actor, action: str, thing: object | None = None) -> None:
        granted = policy.get(action)
        if granted is None:
            raise Forbidden(action)
        if granted.always(actor):
            _settle(thing)
        elif thing is None or not granted.as_owner(actor):
            raise _refusal(actor, action)
        elif granted.owns is None or not granted.owns(actor, thing):
            raise Forbidden(action)
        else:
            _settle(thing)

    return authorize


def enter(policy: Policy, actor: Actor, action: str) -> None:
    """The check at the door: an owner may come in, and owes `authorize` with the thing."""
    granted = policy.get(action)
    if granted is None:
        raise Forbidden(action)
    owed = not granted.always(actor)
    if owed and not granted.as_owner(actor):
        raise _refusal(actor, action)
    _visit.set(_Visit(action, owed))


def leave() -> None:
    """After the endpoint: raises Unproven if an owner was served without the check of the thing."""
    visit = _visit.get()
    _visit.set(None)
    if visit is not None and visit.owed:
        raise Unproven(f"{visit.action} was answered without authorize(actor, action, thing)")


def require_fresh(actor: Actor, *, minutes: int, at: datetime) -> None:
    """Raises FreshSignInNeeded unless the actor signed in during the last `minutes`."""
    if actor.signed_in_at is None or at - actor.signed_in_at > timedelta(minutes=minutes):
        raise FreshSignInNeeded(f"sign-in within {minutes} minutes")


def _settle(thing: object | None) -> None:
    visit = _visit.get()
    if visit is not None and thing is not None:
        visit.owed = False


def _refusal(actor: Actor, action: str) -> Refused:
    return SignInNeeded(action) if actor.kind == "anonymous" else Forbidden(action)
