"""What somebody has to do until when; the words are sealed under the owner's key."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.base import Audience, Event
from shared.sealed import Sealed


class TaskWords(BaseModel):
    """What is to be done, as it was written down; travels only sealed."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    title: str
    text: str = ""


class TaskEvent(Event, frozen=True):
    """What every word about a task carries: `words` is a `TaskWords`, `contact` a `Contact`, `link` a `Link`."""

    teller: ClassVar[str] = "meetings"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "task_id"

    task_id: UUID
    person_id: UUID
    language: str
    contact: Sealed
    words: Sealed
    link: Sealed
    due_on: date


class TaskAssigned(TaskEvent, frozen=True):
    """Somebody has something to do."""

    type: ClassVar[str] = "stadtteilbote.task.assigned.v1"


class TaskFallsDue(TaskEvent, frozen=True):
    """It is due soon, or it is late by so many `days_late`."""

    type: ClassVar[str] = "stadtteilbote.task.falls_due.v1"

    days_late: int
    """Below zero: so many days are left."""


class TaskClosed(Event, frozen=True):
    """Done or dropped: what waits to be sent about it is overtaken."""

    teller: ClassVar[str] = "meetings"
    type: ClassVar[str] = "stadtteilbote.task.closed.v1"
    audience: ClassVar[Audience] = Audience.INTERNAL
    about: ClassVar[str] = "task_id"

    task_id: UUID
    done: bool
