"""Puts tasks with an ETA into huey's SQLite storage, each committed to disk, for so many seconds.

huey_put.py DATABASE SECONDS
"""

import datetime
import json
import sys
import time

import huey

BODY = "x" * 300
queue = huey.SqliteHuey(filename=sys.argv[1], fsync=True)


@queue.task()
def remind(body):
    return body


def settings():
    with queue.storage.db() as cursor:
        return {
            "version": huey.__version__,
            "journal_mode": cursor.execute("PRAGMA journal_mode").fetchone()[0],
            "synchronous": cursor.execute("PRAGMA synchronous").fetchone()[0],
        }


found = settings()
if found["synchronous"] != 2:
    sys.exit(f"huey's storage is not durable: {found}")
eta = datetime.datetime.now() + datetime.timedelta(days=1)
seconds, count = float(sys.argv[2]), 0
began = time.monotonic()
while time.monotonic() - began < seconds:
    queue.add_schedule(remind.s(BODY, eta=eta))
    count += 1
took = time.monotonic() - began
print(json.dumps({"rate": count / max(took, 1e-9), "answers": count, "settings": found, "there": queue.scheduled_count()}))
