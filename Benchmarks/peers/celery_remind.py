"""Celery's way to be on time: tasks with an ETA in Redis, and a worker that hands each over to the mail server.

celery_remind.py COUNT SPREAD_SECONDS       schedules, and prints each address with its due time as JSON
celery -A celery_remind worker              works
"""

import datetime
import http.client
import json
import os
import sys
import threading
import time

import celery

app = celery.Celery("bench", broker=f"redis+socket://{os.environ['BENCH_REDIS']}?virtual_host=1")
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=0, broker_connection_retry_on_startup=True)
PORT = int(os.environ.get("BENCH_PORT", "0"))
LEAD = 5  # seconds from now to the first one
local = threading.local()


@app.task(name="remind")
def remind(address):
    if not hasattr(local, "connection"):
        local.connection = http.client.HTTPConnection("127.0.0.1", PORT)
    body = json.dumps({"Destination": {"ToAddresses": [address]}, "Content": {"Raw": {"Data": "x" * 4000}}})
    local.connection.request("POST", "/v2/email/outbound-emails", body)
    local.connection.getresponse().read()


def schedule(count, spread):
    start = time.time() + LEAD
    due = {f"celery{number}@example.com": start + number * spread / count for number in range(count)}
    for address, at in due.items():
        remind.apply_async((address,), eta=datetime.datetime.fromtimestamp(at, datetime.timezone.utc))
    print(json.dumps(due))


if __name__ == "__main__":
    schedule(int(sys.argv[1]), float(sys.argv[2]))
