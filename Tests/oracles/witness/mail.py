"""A mail server that speaks as SES does, and writes down each mail before it answers."""

import asyncio
import base64
import json
import random
import re
import time

from witness.http import Gone, read_body, read_head, response
from witness.world import HandOver

MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]+)>", re.MULTILINE | re.IGNORECASE)


class MailServer:
    def __init__(self, world):
        self.world = world
        # Shares of the mails: taken and never answered, taken and the line cut, not taken and answered with 500,
        # taken and answered late.
        self.mood = {"hang": 0, "lose": 0, "fail": 0, "slow": 0}
        self.dice = random.Random(1)
        self.open = set()

    async def start(self):
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 22)
        return server.sockets[0].getsockname()[1]

    def set_mood(self, mood):
        hung = self.mood["hang"]
        self.mood = {name: mood.get(name, 0) for name in self.mood}
        if hung and not self.mood["hang"]:
            for writer in list(self.open):
                writer.transport.abort()

    async def serve(self, reader, writer):
        self.open.add(writer)
        try:
            while head := await read_head(reader):
                self.world.happens("begun")
                body = await read_body(reader, head[1])
                if not await self.take(head[0], body, writer):
                    break
        except (Gone, ConnectionError):
            pass
        finally:
            self.open.discard(writer)
            writer.close()

    async def take(self, line, body, writer):
        """False if the connection is over."""
        if not line.startswith("POST"):
            writer.write(response(404, {"message": "not here"}, x_amzn_ErrorType="NotFoundException"))
            return True
        request = json.loads(body)
        mail = base64.b64decode(request["Content"]["Raw"]["Data"])
        tags = {tag["Name"]: tag["Value"] for tag in request["EmailTags"]}
        hand_over = HandOver(
            message=MESSAGE_ID.search(mail)[1].decode(),
            attempt=tags["nudged-attempt"],
            recipient=request["Destination"]["ToAddresses"][0],
            at=self.world.now(),
            wall=time.time(),
        )
        self.world.hand_overs.append(hand_over)
        self.world.count("handed_over")
        return await self.answer(hand_over, writer)

    async def answer(self, hand_over, writer):
        fate = self.dice.random()
        for kind, share in self.mood.items():
            if fate < share:
                break
            fate -= share
        else:
            kind = "take"
        self.world.happens("received")
        if kind == "fail":
            hand_over.taken = False
            writer.write(response(500, {"message": "not today"}, x_amzn_ErrorType="InternalFailure"))
        elif kind == "lose":
            writer.transport.abort()
            return False
        elif kind == "hang":
            self.world.count("waiting")
            await asyncio.Event().wait()
        else:
            if kind == "slow":
                await asyncio.sleep(0.3)
            writer.write(response(200, {"MessageId": f"id-{len(self.world.hand_overs)}"}))
            await writer.drain()
            self.world.happens("answered")
        return True
