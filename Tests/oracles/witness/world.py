"""What both sides have seen so far, and who waits for more of it."""

import asyncio
import os
import time
from dataclasses import dataclass, field


@dataclass
class HandOver:
    """One mail at the server, written down when its last byte was there and before anything was answered."""

    message: str
    # Nobody says so over SMTP.
    attempt: str | None
    recipient: str
    at: float
    wall: float
    taken: bool = True


@dataclass
class Shopper:
    number: int
    address: str
    checkout: str
    order: str
    # When the shop first said something of it, by the wall; the schedule cannot begin earlier.
    said: float = 0
    generation: int = 0
    checkout_acknowledged: float | None = None
    order_said: float | None = None
    order_acknowledged: float | None = None
    reminders_in_flight: int = 0


@dataclass
class Aim:
    kind: str
    after: int
    pid: int
    signal: int
    hit: asyncio.Event = field(default_factory=asyncio.Event)

    def fire(self):
        if self.hit.is_set():
            return
        try:
            os.kill(self.pid, self.signal)
        except ProcessLookupError:
            pass
        self.hit.set()


class World:
    def __init__(self):
        self.shoppers = {}
        self.by_address = {}
        self.hand_overs = []
        self.numbers = {
            "acknowledged": 0,
            "refused": 0,
            "unanswered": 0,
            "handed_over": 0,
            "waiting": 0,
            "longest_answer": 0.0,
        }
        # Answers that the shop did not expect.
        self.oddities = []
        self.changed = asyncio.Condition()
        self.aim = None

    def now(self):
        return time.monotonic()

    def count(self, name, step=1):
        self.numbers[name] += step
        self.wake()

    def wake(self):
        async def notify():
            async with self.changed:
                self.changed.notify_all()

        asyncio.ensure_future(notify())

    def happens(self, kind):
        """The moment that a fault was aimed at may be now."""
        aim = self.aim
        if aim is None or aim.kind != kind:
            return
        aim.after -= 1
        if aim.after <= 0:
            self.aim = None
            aim.fire()
