"""What a test tells the witness, and asks it."""

import asyncio
import json
import time
import traceback

from witness.http import Connection, read_body, read_head, response
from witness.judge import Judge
from witness.world import Aim

# A moment that a signal is aimed at comes within so many seconds, or the signal is sent all the same.
PATIENCE = 10


class Control:
    def __init__(self, world, shop, mail, nudged):
        self.world, self.shop, self.mail, self.nudged = world, shop, mail, nudged

    async def start(self, path):
        await asyncio.start_unix_server(self.serve, path)

    async def serve(self, reader, writer):
        while head := await read_head(reader):
            method, path, _ = head[0].split(" ")
            body = await read_body(reader, head[1])
            try:
                answer = await getattr(self, path.strip("/").replace("-", "_"))(json.loads(body or b"{}"))
                writer.write(response(200, answer))
            except Exception:
                traceback.print_exc()
                writer.write(response(500, {"title": traceback.format_exc(), "status": 500, "type": "about:blank"}))
        writer.close()

    async def load(self, load):
        self.shop.open(load)
        return {}

    async def close(self, _):
        await self.shop.close()
        return self.world.numbers

    async def numbers(self, _):
        return self.world.numbers

    async def mood(self, mood):
        self.mail.set_mood(mood)
        return {}

    async def aim(self, aim):
        """At `delay` the signal comes after so many seconds, else after so many of what is named."""
        target = Aim(aim["at"], aim["after"], aim["pid"], aim.get("signal", 9))
        patience = aim["after"] if aim["at"] == "delay" else PATIENCE
        self.world.aim = target
        try:
            await asyncio.wait_for(target.hit.wait(), patience)
        except TimeoutError:
            self.world.aim = None
            target.fire()
            return {"hit": aim["at"] == "delay"}
        return {"hit": True}

    async def until(self, more):
        wanted = {name: self.world.numbers[name] + count for name, count in more.items()}
        async with self.world.changed:
            await self.world.changed.wait_for(
                lambda: all(self.world.numbers[name] >= count for name, count in wanted.items())
            )
        return self.world.numbers

    async def reached(self, counts):
        """Answers once there are so many in all."""
        return await self.until({name: count - self.world.numbers[name] for name, count in counts.items()})

    async def passed(self, what):
        """Answers once so many seconds have passed: the length of a fault, not a guess at how long something takes."""
        await asyncio.sleep(what["seconds"])
        return {}

    async def drained(self, _):
        return await self.drained_but({"scheduled": 0})

    async def drained_but(self, left):
        """Answers once nothing is on its way and so many messages wait for their time."""
        connection = Connection(self.nudged)
        while True:
            try:
                status = json.loads((await connection.ask("GET", "/status"))[2])
                if status["messages_scheduled"] == left["scheduled"] and status["messages_sending"] == 0:
                    return status
            except (ConnectionError, KeyError):
                pass
            await asyncio.sleep(0.05)

    async def verdict(self, how):
        began = time.monotonic()
        judge = Judge(self.world, how["database"])
        steps = self.shop.load["steps"]
        verdict = judge.verdict(steps, how.get("maildir"), how.get("stepped", False), how.get("smtp", False))
        verdict["numbers"]["judging"] = round(time.monotonic() - began, 3)
        return {key: value if key == "numbers" else value[:5] + [f"{len(value)} in all"] * (len(value) > 5)
                for key, value in verdict.items()}

    async def forge(self, how):
        """Makes something up that the judge must find."""
        if how["what"] == "repeat":
            self.world.hand_overs.append(self.world.hand_overs[0])
        else:
            reminded = {hand_over.recipient for hand_over in self.world.hand_overs}
            for shopper in self.world.shoppers.values():
                if shopper.address in reminded:
                    shopper.order_acknowledged, shopper.reminders_in_flight = 0.0, 0
        return {}
