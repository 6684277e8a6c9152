"""One connection at work: the copy whose answer is awaited, and the one announced behind it."""

from time import monotonic
from typing import TYPE_CHECKING

from services.notifications.bulk.copies import Copy
from services.notifications.bulk.pipeline import Wire
from services.notifications.domain.letter import Outcome
from services.notifications.sender.conversation import Envelope, Patience
from services.notifications.sender.schedule import Answer
from shared.crashpoints import reached

if TYPE_CHECKING:
    from services.notifications.bulk.shift import Shift


Item = tuple[Copy, Envelope]
"""A copy and the mail made of it."""


class Lane(Wire):
    """Takes copies from its shift, and gives each back with what became of it."""

    def __init__(self, shift: "Shift", *, pipelining: bool, utf8: bool, patience: Patience) -> None:
        super().__init__(pipelining=pipelining, utf8=utf8, patience=patience)
        self._shift = shift
        self.flying: Copy | None = None
        """Its dot may be out; at most one at any time."""
        self.coming: Copy | None = None
        self.announced = 0
        self.left_at: float | None = None
        """When the last dot went, if the next envelope went with it."""

    @property
    def busy(self) -> bool:
        return self.flying is not None or self.coming is not None

    def go_on(self) -> None:
        """Announce the next copy, if there is one."""
        item = self._shift.next_for(self)
        if item is None:
            self.settle()
            return
        self.coming, envelope = item
        self.announced += 1
        self.announce(envelope)

    def leave_given(self, following: Item | None) -> None:
        """It stands in the journal: the final dot goes, with the next envelope behind it."""
        self.flying, self.coming = self.coming, None
        self.left_at = monotonic() if following is not None else None
        reached("bulk.after_leave")
        if following is None:
            self.finish(None)
        else:
            self.coming, envelope = following
            self.announced += 1
            self.finish(envelope)
        reached("bulk.after_dot")

    def give_up_coming(self) -> Copy | None:
        """Hang up without its dot: nothing of it was accepted. Only while nothing flies."""
        assert self.flying is None
        copy, self.coming = self.coming, None
        self.abort()
        return copy

    def ready(self) -> None:
        self._shift.ask(self)

    def answered(self, answer: Answer) -> None:
        reached("bulk.after_answer")
        copy, self.flying = self.flying, None
        assert copy is not None
        self._shift.result(copy, answer)
        if self.coming is None and answer.outcome is not Outcome.LOST:
            self.go_on()

    def refused(self, answer: Answer) -> None:
        copy, self.coming = self.coming, None
        assert copy is not None
        self._shift.result(copy, answer)
        self.go_on()

    def lost(self, answer: Answer) -> None:
        flying, coming = self.flying, self.coming
        self.flying = self.coming = None
        if flying is not None:
            self._shift.result(flying, Answer(Outcome.UNKNOWN, answer.code, answer.text))
        if coming is not None:
            self._shift.result(coming, answer)
        self._shift.gone(self, answer)
