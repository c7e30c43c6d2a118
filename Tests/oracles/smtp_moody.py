"""An SMTP server on loopback whose answer depends on the recipient: aiosmtpd.

    smtp_moody.py

`refuse…@` is refused with many words, `later…@` is put off, and of a mail to `silent…@` nobody hears again: the connection
breaks after its last byte. Anything else is taken, and printed: `mail to RECIPIENT: SUBJECT`. Prints `ready PORT` first.
"""

import email
import signal
import sys

from aiosmtpd.controller import Controller

WORDS = " ".join(f"reason {number} of the server's many reasons;" for number in range(1, 10))


class Moody:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refuse"):
            return f"550 5.1.1 No such user: {WORDS}"
        if address.startswith("later"):
            return "451 4.3.0 Not now"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("silent"):
            server.transport.abort()
            return "250 never heard"
        mail = email.message_from_bytes(envelope.content)
        print("mail to", envelope.rcpt_tos[0] + ":", mail["Subject"], "marked", mail["X-Nudged-Test"], flush=True)
        return "250 2.0.0 Ok: queued as Q1"


class PortZero(Controller):
    """aiosmtpd knocks on its own door when it starts, and has to know which one it is."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


controller = PortZero(Moody(), hostname="127.0.0.1", port=0)
controller.start()
print("ready", controller.port, flush=True)
sys.stdout.flush()
signal.pause()
