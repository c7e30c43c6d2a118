"""An LMTP server at a Unix socket that puts each mail into a Maildir: aiosmtpd.

    smtp_lmtp.py SOCKET MAILDIR

Prints `ready` and runs until it is ended.
"""

import asyncio
import mailbox
import sys

from aiosmtpd.lmtp import LMTP


class Sink:
    def __init__(self, path):
        self.mailbox = mailbox.Maildir(path)

    async def handle_DATA(self, server, session, envelope):
        self.mailbox.add(envelope.original_content)
        return "250 2.0.0 Ok"


async def main(socket, path):
    sink = Sink(path)
    server = await asyncio.get_running_loop().create_unix_server(lambda: LMTP(sink), socket)
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
