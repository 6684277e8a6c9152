"""How much mail may leave in a minute; nothing is limited that the office does not limit."""

from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Rate = Annotated[int, Field(gt=0)]
Domain = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1)]


class Provider(BaseModel):
    """Domains behind the same servers, limited together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    domains: Annotated[tuple[Domain, ...], Field(min_length=1)]
    per_minute: Rate


class Outgoing(BaseModel):
    """The part `[mail]` of brand.toml: messages a minute altogether, by kind, by provider.

    Kinds are `newsletter`, `press` and `letters`; letters to a single person never wait, but count.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_minute: Rate | None = None
    kinds: dict[str, Rate] = {}
    providers: dict[str, Provider] = {}

    @cached_property
    def provider_of(self) -> dict[str, str]:
        """Which provider a domain belongs to, if any."""
        return {
            domain: name for name, provider in self.providers.items() for domain in provider.domains
        }
