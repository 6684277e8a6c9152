"""What an application says, step by step: one model for the form, the API and the books."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final

import phonenumbers
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
)
from pydantic import StringConstraints as Letters
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from shared.web.complaints import Complaint
from shared.web.fields import (
    Cents,
    Day,
    Email,
    Line,
    Phone,
    one_line,
    readable,
    western_digits,
)
from shared.web.i18n import LANGUAGES, lazy

YES: Final = frozenset({"ja", "on", "true", "1"})


def _yes(value: Any) -> Any:
    """A ticked box arrives as a word, an unticked one not at all."""
    return value.casefold() in YES if isinstance(value, str) else value


def _confirmed(value: bool) -> bool:
    if not value:
        raise Complaint(lazy("Bitte bestätigen Sie das. Ohne diese Angabe geht es nicht weiter."))
    return value


def _iban(value: str) -> str:
    try:
        return str(IBAN(western_digits(value), validate_bban=True).compact)
    except SchwiftyException:
        raise Complaint(
            lazy(
                "Das ist keine gültige IBAN. Eine deutsche IBAN hat 22 Zeichen und beginnt mit DE."
            )
        ) from None


def _postcode(value: str) -> str:
    digits = western_digits(value)
    if not (len(digits) == 5 and digits.isascii() and digits.isdigit()):
        raise Complaint(lazy("Schreiben Sie fünf Ziffern, zum Beispiel 38444."))
    return digits


def _reachable(value: str) -> str:
    try:
        number = phonenumbers.parse(value, "DE")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Complaint(lazy("Diese Telefonnummer gibt es nicht. Bitte prüfen Sie die Ziffern."))
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise Complaint(lazy("Bitte wählen Sie eine der Möglichkeiten."))
    return value


Title = Annotated[str, Letters(min_length=1, max_length=120), AfterValidator(one_line)]
Short = Annotated[str, Letters(min_length=1, max_length=600)]
Long = Annotated[str, Letters(min_length=1, max_length=3000)]
Tick = Annotated[bool, BeforeValidator(_yes)]
Confirmed = Annotated[Tick, AfterValidator(_confirmed), Field(default=False, validate_default=True)]
Iban = Annotated[str, Letters(min_length=1, max_length=60), AfterValidator(_iban)]


class ApplicantKind(StrEnum):
    """One person, or people under a common name."""

    PERSON = "person"
    ORGANISATION = "organisation"


class FundingKind(StrEnum):
    """Where money or help besides the fund comes from."""

    OWN_MONEY = "own_money"
    OWN_WORK = "own_work"
    OWN_ROOMS = "own_rooms"
    THIRD_PARTY = "third_party"
    INCOME = "income"


class OtherApplications(StrEnum):
    """Whether somebody else was asked for money for the same idea."""

    NO = "no"
    YES = "yes"


class Part(BaseModel):
    """One step's answers, valid in themselves; nothing unknown is taken."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        return readable(value)


class Idea(Part):
    """What is planned, for whom, where and when."""

    title: Title
    aim: Short
    plan: Long
    target_group: Short
    benefit: Short
    field_of_action: Annotated[str, Letters(max_length=40)]
    place: Line
    starts_on: Day
    ends_on: Day
    not_begun: Confirmed


class Who(Part):
    """Who applies, how to reach them, and where money would go."""

    kind: ApplicantKind
    name: Line
    legal_form: Line | None = None
    contact_name: Line | None = None
    email: Email | None = None
    """None for people who apply on paper and have no address."""
    phone: Annotated[Phone, AfterValidator(_reachable)] | None = None
    street: Line
    postcode: Annotated[str, Letters(max_length=20), AfterValidator(_postcode)]
    city: Line
    language: Annotated[str, Letters(max_length=8), AfterValidator(_language)]
    account_holder: Line
    iban: Iban

    @property
    def addressee(self) -> str:
        """Whom letters greet."""
        return self.contact_name or self.name


class WhoOnPaper(Who):
    """Somebody who applies on paper: nobody needs an e-mail address for that."""


class CostLine(Part):
    """Something to be bought or paid; the sum in cents."""

    what: Line
    cents: Cents


class FundingLine(Part):
    """Something that helps to pay; work and rooms count with what they are worth, in cents."""

    kind: FundingKind
    what: Line
    cents: Cents


class Costs(Part):
    """What it costs, who pays what, and what is asked for; all sums in cents."""

    costs: list[CostLine] = Field(min_length=1, max_length=50)
    funding: list[FundingLine] = Field(default=[], max_length=50)
    asked_cents: Annotated[Cents, Field(gt=0)]
    other_applications: OtherApplications
    other_applications_text: Short | None = None

    @property
    def total(self) -> int:
        return sum(line.cents for line in self.costs)

    @property
    def others(self) -> int:
        return sum(line.cents for line in self.funding)

    @property
    def deficit(self) -> int:
        """What is missing without the fund: never asked for is more than this."""
        return self.total - self.others


class Declarations(Part):
    """What has to be agreed to, and the newsletter that need not."""

    privacy: Confirmed
    newsletter: Tick = False


class Answers(Part):
    """A whole application as it is handed in."""

    idea: Idea
    applicant: Who
    costs: Costs
    declarations: Declarations

    def day_in(self) -> tuple[date, date]:
        """First and last day of what is planned."""
        return self.idea.starts_on, self.idea.ends_on
