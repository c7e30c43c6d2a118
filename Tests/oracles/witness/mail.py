"""Mail servers that speak as SES does, and SMTP. Each mail is written down before it is answered."""

import asyncio
import base64
import json
import random
import re
import time

from witness.http import Gone, read_body, read_head, response
from witness.world import HandOver

MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]+)>", re.MULTILINE | re.IGNORECASE)
# How late a mail server answers that is slow, in seconds.
SLOW = 0.3
# What is answered to each verb, but for DATA; 250 to all others.
SMTP_ANSWERS = {b"EHLO": b"250-witness\r\n250 SIZE 10000000\r\n", b"QUIT": b"221 2.0.0 bye\r\n"}


class MailServer:
    def __init__(self, world):
        self.world = world
        # Shares of the mails: taken and never answered, taken and the line cut, not taken and answered with 500,
        # taken and answered late.
        self.mood = {"hang": 0, "lose": 0, "fail": 0, "slow": 0}
        self.dice = random.Random(1)
        self.open = set()

    async def start(self):
        """The ports of both."""
        servers = [await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 22)
                   for serve in (self.serve, self.serve_smtp)]
        return [server.sockets[0].getsockname()[1] for server in servers]

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
        hand_over = self.receive(mail, request["Destination"]["ToAddresses"][0], tags["nudged-attempt"])
        yes = response(200, {"MessageId": f"id-{len(self.world.hand_overs)}"})
        no = response(500, {"message": "not today"}, x_amzn_ErrorType="InternalFailure")
        return await self.answer(hand_over, writer, yes, no)

    def receive(self, mail, recipient, attempt=None):
        hand_over = HandOver(
            message=MESSAGE_ID.search(mail)[1].decode(),
            attempt=attempt,
            recipient=recipient,
            at=self.world.now(),
            wall=time.time(),
        )
        self.world.hand_overs.append(hand_over)
        self.world.count("handed_over")
        return hand_over

    async def answer(self, hand_over, writer, yes, no):
        """False if the connection is over."""
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
            writer.write(no)
        elif kind == "lose":
            writer.transport.abort()
            return False
        elif kind == "hang":
            self.world.count("waiting")
            await asyncio.Event().wait()
        else:
            if kind == "slow":
                await asyncio.sleep(SLOW)
            writer.write(yes)
            await writer.drain()
            self.world.happens("answered")
        return True

    # SMTP

    async def serve_smtp(self, reader, writer):
        self.open.add(writer)
        try:
            writer.write(b"220 witness\r\n")
            recipient = None
            while line := await reader.readline():
                verb = line.split()[0].upper() if line.split() else b""
                if verb == b"RCPT":
                    recipient = line.decode().split("<", 1)[1].split(">", 1)[0]
                if verb == b"DATA":
                    if not await self.take_data(reader, writer, recipient):
                        break
                    continue
                writer.write(SMTP_ANSWERS.get(verb, b"250 2.0.0 fine\r\n"))
                if verb == b"QUIT":
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open.discard(writer)
            writer.close()

    async def take_data(self, reader, writer, recipient):
        """A mail is handed over with its last dot. A `no` here is a clear one: nudged tries again by itself."""
        self.world.happens("begun")
        writer.write(b"354 go on\r\n")
        mail = await reader.readuntil(b"\r\n.\r\n")
        return await self.answer(
            self.receive(mail, recipient), writer, b"250 2.0.0 kept\r\n", b"451 4.3.0 not today\r\n")
