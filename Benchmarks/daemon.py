"""nudged itself: the released program, started as systemd would start it."""

import http.client
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import time

from stage import PATIENCE, PROGRAMS, Failed

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}

# The shops differ in when their only reminder is due after a checkout: `default` after any run, the others within it.
SHOPS = {"default": "360d", "soon": "1s", "later": "10s"}


class Nudged:
    def __init__(self, stage, name, port=None, in_flight=64):
        self.stage, self.name = stage, name
        self.state = stage.folder / name
        self.state.mkdir(exist_ok=True)
        self.socket = stage.sockets / f"{name}.sock"
        self.database = self.state / "nudged.db"
        self.configuration = self.state / "nudged.yaml"
        self.configuration.write_text(configuration(port, in_flight))
        self.program = [PROGRAMS / "nudged"]
        self.process = None

    def start(self):
        """Starts it and answers after how many seconds it said READY."""
        path = str(self.stage.sockets / f"{self.name}.notify")
        pathlib.Path(path).unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            notify.settimeout(PATIENCE)
            began = time.monotonic()
            self.process = self.stage.start(
                self.name,
                [*self.program, "--config", self.configuration, "--state", self.state, "--socket", self.socket],
                NOTIFY_SOCKET=path, **KEYS)
            while not notify.recv(4096).startswith(b"READY=1"):
                pass
            took = time.monotonic() - began
        if self.process.poll() is not None:
            raise Failed(f"nudged ended; see {self.stage.folder}/{self.name}.log")
        return took

    def stop(self):
        code = self.stage.stop(self.process)
        if code != 0:
            raise Failed(f"nudged ended with {code}; see {self.stage.folder}/{self.name}.log")

    def kill(self):
        self.stage.stop(self.process, signal.SIGKILL)

    def call(self, method, path):
        connection = UnixConnection(self.socket)
        connection.request(method, path)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 300:
            raise Failed(f"{method} {path}: {answer.status} {text[:200]!r}")
        return json.loads(text) if text else None

    def query(self, sql, *values):
        """Asks the database beside the daemon; it has no handle on it afterwards."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def of_seed(self, columns, seed, condition="1"):
        """Rows of the reminders `m` and checkouts `c` that the loader's `seed` made with rising ids, in any shop."""
        bounds = (f"checkout-{seed:07}-", f"checkout-{seed:07}-~")
        return self.query(
            f"""SELECT {columns} FROM checkout c JOIN message m ON m.checkout = c.id AND m.step IS NOT NULL
            WHERE c.shop IN ({", ".join(f"'{shop}'" for shop in SHOPS)}) AND c.checkout_id BETWEEN ? AND ?
            AND {condition}""", *bounds)

    def missing(self, acknowledged):
        """How many of the ids in the file are not in the database."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            sql = "SELECT 1 FROM checkout WHERE shop = 'default' AND checkout_id = ?"
            return sum(connection.execute(sql, (id,)).fetchone() is None for id in lines(acknowledged))
        finally:
            connection.close()

    # What the kernel knows of the process.

    def memory(self, field="VmRSS"):
        """In MiB: VmRSS is now, VmHWM the most there ever was."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in text.splitlines() if line.startswith(field + ":"))
        return int(line.split()[1]) / 1024

    def effort(self):
        """Nanoseconds of processor and wake-ups of the threads that there are: for a daemon that idles."""
        nanoseconds = switches = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            nanoseconds += int((task / "schedstat").read_text().split()[0])
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    switches += int(line.split()[1])
        return nanoseconds, switches

    def ctl(self, *arguments):
        """Seconds that nudgectl takes as a whole process."""
        began = time.monotonic()
        subprocess.run(
            [PROGRAMS / "nudgectl", "--socket", self.socket, *arguments], check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - began


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(str(self.path))


def configuration(port, in_flight):
    sender = (
        f'transport: ses, rate: 0, max_in_flight: {in_flight}, ses: {{ endpoint: "http://127.0.0.1:{port}" }}'
        if port else "transport: maildir")
    sample = 'from: "Example Shop <cart@shop.example>"'
    shops = "".join(f"  {name}: {{ {sample}, schedule: [{after}] }}\n" for name, after in SHOPS.items())
    return f"sender: {{ {sender} }}\nshops:\n{shops}"


def lines(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [line.rstrip("\n") for line in file]
