"""A shop with shoppers that leave their checkouts, change them, and order. It says each thing until nudged has it."""

import asyncio
import heapq
import json
import random
import time

from witness.http import Connection
from witness.world import Shopper

# How soon something that was not acknowledged is said again, in seconds. Retry-After is longer; this shop is impatient.
AGAIN = 0.1


class Shop:
    def __init__(self, world, socket):
        self.world = world
        self.socket = socket
        self.tasks = []
        self.number = 0
        self.is_open = False
        # Things to say: when, a number that settles ties, what.
        self.agenda = []
        self.said_so_far = 0
        self.unsaid = 0

    def open(self, load):
        self.load = {"connections": 8, "rate": 50, "orders": 0.5, "changes": 0.1, "batches": 0.05, "steps": [0.3, 0.9]}
        self.load |= load
        self.dice = random.Random(self.load.get("seed", 1))
        self.is_open = True
        if not self.tasks:
            self.tasks = [asyncio.create_task(self.work()) for _ in range(self.load["connections"])]
            self.tasks.append(asyncio.create_task(self.welcome()))

    async def close(self):
        """Opens no more; returns when all that was said is acknowledged."""
        self.is_open = False
        async with self.world.changed:
            await self.world.changed.wait_for(lambda: self.unsaid == 0)

    # What is to be said, and when

    def say(self, thing, delay=0.0):
        self.said_so_far += 1
        heapq.heappush(self.agenda, (time.monotonic() + delay, self.said_so_far, thing))
        self.unsaid += 1

    async def next(self):
        while not self.agenda or self.agenda[0][0] > time.monotonic():
            await asyncio.sleep(0.005)
        return heapq.heappop(self.agenda)[2]

    async def welcome(self):
        """New shoppers, at the rate of the load."""
        began, let_in = time.monotonic(), 0
        while True:
            limit = self.load.get("limit")
            if self.is_open and (limit is None or self.number < limit):
                due = int((time.monotonic() - began) * self.load["rate"]) - let_in
                for _ in range(min(due, 50, (limit or self.number + 50) - self.number)):
                    let_in += 1
                    self.shopper()
            else:
                began, let_in = time.monotonic(), 0
            await asyncio.sleep(0.01)

    def shopper(self):
        if self.dice.random() < self.load["batches"]:
            return self.say(("events", [self.made() for _ in range(10)]))
        shopper = self.made()
        if self.dice.random() < self.load["orders"]:
            # Before the checkout, right behind it, around its reminders, and after all of them.
            last = self.load["steps"][-1]
            self.say(("order", shopper), self.dice.choice([0, 0, 0.05, *self.load["steps"], last * self.dice.random()]))
        if self.dice.random() < self.load["changes"]:
            self.say(("change", shopper), self.dice.random() * self.load["steps"][-1])
        self.say(("checkout", shopper))

    def made(self):
        self.number += 1
        n = self.number
        shopper = Shopper(n, f"s{n}@shop.example", f"c-{n}", f"o-{n}")
        self.world.shoppers[n] = shopper
        self.world.by_address[shopper.address] = shopper
        return shopper

    # Saying it

    async def work(self):
        connection = Connection(self.socket)
        while True:
            thing = await self.next()
            began = time.monotonic()
            if not await self.tell(connection, *thing):
                self.say(thing, AGAIN)
            took = time.monotonic() - began
            self.world.numbers["longest_answer"] = max(self.world.numbers["longest_answer"], took)
            self.unsaid -= 1
            self.world.wake()

    async def tell(self, connection, kind, what):
        """False if it is to be said again."""
        path, body = self.request(kind, what)
        content_type = "application/x-ndjson" if kind == "events" else "application/json"
        try:
            status, fields, answer = await connection.ask("POST", path, body, content_type)
        except ConnectionError:
            self.world.count("unanswered")
            return False
        if status == 503:
            self.world.count("refused")
            if not fields.get("retry-after", "").isdigit() and b"nudged starts anew" not in answer:
                self.world.oddities.append(f"503 without Retry-After: {answer!r}")
            return False
        if status not in (200, 202):
            self.world.oddities.append(f"{status} to {kind}: {answer!r}")
            return True
        return self.acknowledged(kind, what, json.loads(answer))

    def request(self, kind, what):
        now = time.time()
        if kind == "events":
            for shopper in what:
                shopper.said = shopper.said or now
            lines = [json.dumps({"type": "checkout", **checkout(shopper, 1)}) for shopper in what]
            return "/events", "\n".join(lines).encode()
        if kind == "order":
            what.order_said = what.order_said or self.world.now()
            order = {"order_id": what.order, "checkout_id": what.checkout, "email": what.address}
            return "/order", json.dumps(order).encode()
        what.said = what.said or now
        return "/checkout", json.dumps(checkout(what, 2 if kind == "change" else 1)).encode()

    def acknowledged(self, kind, what, answer):
        now = self.world.now()
        if kind == "events":
            if answer["accepted"] != len(what):
                # One line that could not be written is a line to say again.
                self.world.count("refused")
                codes = {rejected["problem"]["status"] for rejected in answer["rejected"]}
                if codes - {503}:
                    self.world.oddities.append(f"rejected: {answer['rejected'][0]}")
                return False
            for shopper in what:
                shopper.checkout_acknowledged = now
            self.world.count("acknowledged", len(what))
        elif kind == "order":
            what.order_acknowledged = now
            what.reminders_in_flight = answer["reminders_in_flight"]
            self.world.count("acknowledged")
        else:
            what.checkout_acknowledged = what.checkout_acknowledged or now
            what.generation = max(what.generation, answer["generation"])
            self.world.count("acknowledged")
        self.world.happens("acknowledged")
        self.world.happens(f"{kind} acknowledged")
        return True


def checkout(shopper, version):
    return {
        "checkout_id": shopper.checkout,
        "email": shopper.address,
        "items": [{"name": f"Mug {shopper.number}", "quantity": version, "price": "12.50"}],
    }
