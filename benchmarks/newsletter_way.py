"""A longer way to a server: `python -m benchmarks.newsletter_way <port> <server's port> <ms there and back>`.

Every byte arrives half that time later, however many are under way: latency, not bandwidth.
"""

import asyncio
import sys
from collections import deque
from typing import cast

import uvloop


class End(asyncio.Protocol):
    """One end of a connection; what it hears goes out at the other end after a while."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.other: End | None = None
        self.transport: asyncio.Transport | None = None
        self.waiting: deque[tuple[float, bytes | None]] = deque()
        self.loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        if self.waiting:
            self._wait()

    def data_received(self, data: bytes) -> None:
        self._pass_on(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._pass_on(None)

    def _pass_on(self, data: bytes | None) -> None:
        if self.other is not None:
            self.other.later(data)

    def later(self, data: bytes | None) -> None:
        """To be sent from this end in its turn; None hangs up."""
        self.waiting.append((self.loop.time() + self.delay, data))
        if len(self.waiting) == 1 and self.transport is not None:
            self._wait()

    def _wait(self) -> None:
        self.loop.call_at(self.waiting[0][0], self._send)

    def _send(self) -> None:
        assert self.transport is not None
        now = self.loop.time() + 0.0002
        while self.waiting and self.waiting[0][0] <= now:
            _, data = self.waiting.popleft()
            if data is None:
                self.transport.close()
            elif not self.transport.is_closing():
                self.transport.write(data)
        if self.waiting:
            self._wait()


async def main(port: int, target: int, delay: float) -> None:
    loop = asyncio.get_running_loop()

    def meet() -> End:
        near, far = End(delay), End(delay)
        near.other, far.other = far, near
        connecting.add(task := loop.create_task(connect(far)))
        task.add_done_callback(connecting.discard)
        return near

    async def connect(far: End) -> None:
        await loop.create_connection(lambda: far, "127.0.0.1", target)

    connecting: set[asyncio.Task[None]] = set()
    server = await loop.create_server(meet, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 2000))
