"""A mail server that keeps each mail as a file:  smtp.py PORT FOLDER"""

import pathlib
import signal
import sys
import uuid

from aiosmtpd.controller import Controller


class Keep:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    async def handle_DATA(self, server, session, envelope):
        (self.folder / uuid.uuid4().hex).write_bytes(envelope.content)
        return "250 kept"


controller = Controller(Keep(sys.argv[2]), hostname="127.0.0.1", port=int(sys.argv[1]))
controller.start()
signal.sigwait({signal.SIGTERM, signal.SIGINT})
controller.stop()
