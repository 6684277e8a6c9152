"""What subscribers can tick: the fields of both forms, checked, offered, and kept as proof."""

from typing import Annotated, Any, Final, TypeVar

from fastapi import Request
from pydantic import AfterValidator, BaseModel, Field

from services.notifications.domain.subscription import Choices, Frequency
from services.notifications.known_fields import all_fields
from services.notifications.pages import words
from shared.events.meetings import OccasionKind
from shared.web.forms import Email, Form
from shared.web.i18n import lazy
from shared.web.pages import gettext_of, language_of

WORDS: Final[dict[str, Any]] = {
    "TOPIC": words.TOPIC,
    "CONSENT": words.CONSENT,
    "FIELD": words.FIELD,
    "OCCASION_KIND": words.OCCASION_KIND,
    "FREQUENCY": words.FREQUENCY,
}
NO_SUCH_FIELD: Final = lazy("Diese Angabe kennen wir nicht.")


def _known_topics(topics: list[str]) -> list[str]:
    if unknown := set(topics) - set(words.TOPIC):
        raise ValueError(f"no such topic: {unknown}")
    return topics


def _known_language(language: str) -> str:
    if language not in dict(words.letter_languages()):
        raise ValueError("no letters in this language")
    return language


Topics = Annotated[list[str], Field(min_length=1), AfterValidator(_known_topics)]
Language = Annotated[str, AfterValidator(_known_language)]


class Preferences(BaseModel):
    """What can be changed later."""

    topics: Topics
    fields: list[str] = []
    occasion_kinds: list[OccasionKind] = []
    frequency: Frequency = Frequency.AT_ONCE
    language: Language

    @property
    def choices(self) -> Choices:
        """All that was ticked, but for the language."""
        kinds = [str(kind) for kind in self.occasion_kinds]
        return Choices(
            topics=self.topics,
            fields=self.fields,
            occasion_kinds=kinds,
            frequency=self.frequency,
        )


class Order(Preferences):
    """What is asked for to begin with."""

    email: Email


AnyOf = TypeVar("AnyOf", bound=Preferences)


def checked(request: Request, form: Form[AnyOf], fields: list[str]) -> AnyOf | None:
    """What was filled in, if every field of action is one that is offered."""
    if form.data is not None and not set(form.data.fields) <= set(fields):
        form.refuse("fields", gettext_of(request)(NO_SUCH_FIELD))
    return form.data


async def fields_of(request: Request) -> list[str]:
    """Every field of action that can be chosen."""
    async with request.app.state.service.db.read() as session:
        return await all_fields(session)


def offered(fields: list[str]) -> dict[str, Any]:
    """What both forms let people choose from."""
    return {
        "topics": list(words.TOPIC.items()),
        "fields": [(code, words.FIELD.get(code, code)) for code in fields],
        "occasion_kinds": list(words.OCCASION_KIND.items()),
        "frequencies": list(words.FREQUENCY.items()),
        "languages_of_letters": words.letter_languages(),
    }


def consent_text(request: Request, chosen: Choices) -> str:
    """The proof: the sentence and everything ticked, exactly as it stood on the page."""
    _, beside = gettext_of(request), chosen.beside_topics()
    said = [words.CONSENT, *(words.TOPIC[topic] for topic in chosen.topics)]
    said += [words.FIELD.get(code, code) for code in beside.get("fields", ())]
    said += [words.OCCASION_KIND[kind] for kind in beside.get("occasion_kinds", ())]
    if chosen.frequency is not None:
        said.append(words.FREQUENCY[chosen.frequency])
    return " · ".join(_(one) for one in said)


def letter_language(request: Request) -> str:
    """What the form offers first: the page's own, if letters are written in it."""
    spoken = language_of(request)
    return spoken if spoken in dict(words.letter_languages()) else "de"


def masked(address: str) -> str:
    """a•••@example.org: enough to recognise one's own, too little for others."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
