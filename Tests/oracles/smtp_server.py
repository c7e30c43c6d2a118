"""An SMTP server on loopback that puts each mail into a Maildir: aiosmtpd.

    smtp_server.py MAILDIR

Prints `ready PORT`, then `from FROM to RECIPIENTS` for each mail, and runs until it is ended.
"""

import mailbox
import signal
import sys

from aiosmtpd.controller import Controller


class Sink:
    def __init__(self, path):
        self.mailbox = mailbox.Maildir(path)

    async def handle_DATA(self, server, session, envelope):
        name = self.mailbox.add(envelope.original_content)
        print("from", envelope.mail_from, "to", *envelope.rcpt_tos, flush=True)
        return f"250 2.0.0 Ok: queued as {name.split('.')[0]}"


class PortZero(Controller):
    """aiosmtpd knocks on its own door when it starts, and has to know which one it is."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


controller = PortZero(Sink(sys.argv[1]), hostname="127.0.0.1", port=0)
controller.start()
print("ready", controller.port, flush=True)
signal.pause()
