"""Rounds of the journal while answers keep coming: what flies stands in every one of them."""

import asyncio
from random import Random
from typing import Any

import pytest

from services.notifications.bulk import shift
from services.notifications.bulk.journal import Leave, Round
from services.notifications.bulk.sending import Bulk
from services.notifications.bulk.shift import Shift
from services.notifications.domain.letter import Outcome, State
from shared.service import Service
from tests.notifications.bulk.kit import an_issue, states
from tests.support.sink import Session, Sink


async def test_an_answer_that_comes_while_a_round_begins_leaves_its_copy_in_flight(
    service: Service, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, forgotten = Shift._write, set[int]()

    async def watched(self: Shift, record: Round, *more: Any) -> Leave:
        open_ = {lane.flying.number for lane in self.crew.lanes if lane.flying is not None}
        later = {copy.number for copy, answer in self._results if answer.outcome is Outcome.SENT}
        forgotten.update((open_ | later) - set(record.in_flight))
        return await write(self, record, *more)

    flush, chance = Session.flush, Random(7)

    def later(self: Session) -> None:
        asyncio.get_running_loop().call_later(chance.uniform(0, 0.003), flush, self)

    monkeypatch.setattr(Shift, "_write", watched)
    monkeypatch.setattr(Session, "flush", later)
    monkeypatch.setattr(shift, "LONGEST_GATHERING", 0.0)  # rounds begin while others fly
    issue_id = await an_issue(service, 1000)
    assert await Bulk(service).send_due() == 1000
    assert await states(service, issue_id) == {State.SENT: 1000}
    assert forgotten == set()
    assert len(sink.arrived) == 1000
