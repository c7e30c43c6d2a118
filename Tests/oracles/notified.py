"""Plays the service manager to a program that it starts: notified.py ready|stuck|rest|wake NUDGED FOLDER

ready: the moment that READY=1 comes, one connection is made and one event told: it has to be taken.
stuck: while somebody else holds the database's write lock, the writer stands still, and no beat may come.
rest: while nothing happens, the watchdog is asked for ten times the patience; an event ends that.
wake: it does so too while the writer stands still, so that the watchdog finds out about it as soon as ever.
"""

import http.client
import os
import socket
import sqlite3
import subprocess
import sys
import time

BEATS_MICROSECONDS = 400_000
# The writer waits 5 s for a lock, and a beat comes after it has got through.
STUCK_SECONDS = 4
PATIENCE_SECONDS = 60


class Manager:
    def __init__(self, program, folder):
        self.path = f"{folder}/s"
        self.database = f"{folder}/state/nudged.db"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"{folder}/notify")
        self.socket.settimeout(PATIENCE_SECONDS)
        os.mkdir(f"{folder}/state")
        open(f"{folder}/nudged.yaml", "w").close()
        told = {"NOTIFY_SOCKET": f"{folder}/notify", "WATCHDOG_USEC": str(BEATS_MICROSECONDS)}
        self.process = subprocess.Popen(
            [program, "--config", f"{folder}/nudged.yaml", "--state", f"{folder}/state", "--socket", self.path],
            env=os.environ | told,
        )

    def wait_for(self, word):
        end = time.monotonic() + PATIENCE_SECONDS
        while word not in self.socket.recv(4096).decode().split("\n"):
            if time.monotonic() > end:
                sys.exit(f"nobody said {word}")
        return time.monotonic()

    def end(self):
        self.process.terminate()
        print("ended", self.process.wait(PATIENCE_SECONDS))


def ready(manager):
    manager.wait_for("READY=1")
    tell(manager)


def tell(manager):
    connection = begin_to_tell(manager)
    print("answered", connection.getresponse().status)
    connection.close()


def begin_to_tell(manager):
    connection = http.client.HTTPConnection("nudged", timeout=PATIENCE_SECONDS)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(manager.path)
    event = '{"checkout_id": "c-1", "email": "ann@example.com"}'
    connection.request("POST", "/checkout", event, {"Content-Type": "application/json"})
    return connection


def stuck(manager):
    manager.wait_for("READY=1")
    manager.wait_for("WATCHDOG=1")
    other = sqlite3.connect(manager.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    # One beat may have been on its way.
    first = manager.wait_for("WATCHDOG=1")
    second = manager.wait_for("WATCHDOG=1")
    print("silent" if second - first > STUCK_SECONDS else f"beats after {second - first:.3f} s")
    other.execute("ROLLBACK")
    manager.wait_for("WATCHDOG=1")
    print("beats again")


def rest(manager):
    manager.wait_for(f"WATCHDOG_USEC={BEATS_MICROSECONDS * 10}")
    manager.wait_for("WATCHDOG=1")
    tell(manager)
    manager.wait_for(f"WATCHDOG_USEC={BEATS_MICROSECONDS}")
    manager.wait_for(f"WATCHDOG_USEC={BEATS_MICROSECONDS * 10}")
    print("rests again")


def wake(manager):
    manager.wait_for(f"WATCHDOG_USEC={BEATS_MICROSECONDS * 10}")
    other = sqlite3.connect(manager.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    connection = begin_to_tell(manager)
    manager.wait_for(f"WATCHDOG_USEC={BEATS_MICROSECONDS}")
    print("wakes")
    other.execute("ROLLBACK")
    connection.getresponse()
    connection.close()


if __name__ == "__main__":
    mode, program, folder = sys.argv[1:]
    manager = Manager(program, folder)
    try:
        {"ready": ready, "stuck": stuck, "rest": rest, "wake": wake}[mode](manager)
    finally:
        manager.end()
