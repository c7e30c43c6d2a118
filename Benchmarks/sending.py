"""How fast, and how late, what is due reaches a mail server that takes it at once."""

import base64
import collections
import json
import os
import subprocess
import sys
import time

from daemon import Nudged
from peers import Postgres, Redis
from series import percentile
from stage import PATIENCE, SOURCES, Failed, say
from tools import MailServer, fsync_p50, h2load, load, processor

LETTERS = "letters/s"
IN_FLIGHT = 64
THREADS = 16
MOST_CLAIMS = 10_000  # a second: what is there for PostgreSQL to claim
BOTO_SHARE = 20  # boto3 sends one in so many: it would take minutes otherwise
MILLISECOND = 1_000_000  # nanoseconds


def measure(bench):
    backlog(bench)
    burst(bench)
    claims_of_postgres(bench)


# A backlog.


def backlog(bench):
    server, count = MailServer(bench.stage, "ses"), bench.backlog
    bare = MailServer(bench.stage, "ses-bare")
    daemon = Nudged(bench.stage, "nudged-sending", port=server.port, in_flight=IN_FLIGHT)
    daemon.start()
    body = None
    for number in range(bench.rounds + 1):  # the first one warms up
        is_counted = number > 0
        size = count if is_counted else count // 10
        disk = fsync_p50(bench.stage)
        rate, cpu = send_backlog(bench, daemon, server, seed=number + 1, count=size)
        body = body or captured_body(bench)
        boto = json.loads(bench.stage.run(
            sys.executable, SOURCES / "peers/boto3_send.py", bare.port, max(size // BOTO_SHARE, 200), THREADS))
        best = h2load(bench.stage, bare.port, body, size, IN_FLIGHT)
        if is_counted:
            note(bench, number, "nudged-backlog", "nudged, due backlog", rate, disk, cpu_us=cpu)
            note(bench, number, "boto3", f"boto3, {THREADS} threads", boto["rate"])
            note(bench, number, "h2load", f"h2load, {IN_FLIGHT} connections", best)
    daemon.stop()
    bench.stage.stop(server.process)
    bench.stage.stop(bare.process)


def note(bench, number, name, title, rate, disk=None, **beside):
    bench.results.of(name, title, LETTERS).add(rate, disk=disk, **beside)
    say(f"  round {number}/{bench.rounds}  {title:<38} {rate:>10,.0f} {LETTERS}"
        + (f"   fsync {disk:.2f} ms" if disk else ""))


def send_backlog(bench, daemon, server, seed, count):
    """Lets reminders come due while sending is paused, and resumes.

    Answers the rate, from the call that resumes until the last letter is there, and the microseconds of processor that
    the daemon took for each."""
    before = server.count()
    daemon.call("POST", "/pause")
    load(bench.stage, "events", daemon.socket, seed=seed, count=count, connections=1, shop="soon")
    await_due(daemon, seed)
    began, taken = time.time_ns(), processor(daemon.process.pid)
    daemon.call("POST", "/resume")
    await_letters(server, before + count)
    taken = processor(daemon.process.pid) - taken
    letters = server.letters(after=before)
    last = max(at for at, _ in letters)
    check_delivery(bench, daemon, letters, seed, count, "backlog")
    return count / ((last - began) / 1e9), taken * 1e6 / count


def await_due(daemon, seed):
    last = daemon.of_seed("max(m.due_at)", seed)[0][0]
    time.sleep(max(0, last / 1000 - time.time()) + 0.1)


def await_letters(server, count):
    """Until so many have come, as long as they come."""
    seen, since = server.count(), time.monotonic()
    while seen < count:
        time.sleep(0.05)
        there = server.count()
        if there > seen:
            seen, since = there, time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            raise Failed(f"the mail server has {seen} letters of {count}, and no more come")


def check_delivery(bench, daemon, letters, seed, count, what):
    """Each reminder that was due was handed over once, and the database says so."""
    often = collections.Counter(address for _, address in letters)
    twice = [address for address, times in often.items() if times > 1]
    bench.results.check(
        f"{what}, seed {seed}: {count} due, each handed over once", len(often) == count and not twice,
        f"{len(letters)} letters for {len(often)} shoppers, {len(twice)} of them more than once")
    end = time.monotonic() + PATIENCE
    while (sent := daemon.of_seed("count(*)", seed, "m.state = 'sent'")[0][0]) != count and time.monotonic() < end:
        time.sleep(0.1)  # the answers to the last letters are being settled
    bench.results.check(f"{what}, seed {seed}: the ledger says so", sent == count, f"{sent} of {count} sent")


def captured_body(bench):
    """A request of nudged's length for h2load: what it writes for one of these letters."""
    path = bench.stage.folder / "letter.json"
    daemon = Nudged(bench.stage, "nudged-letter")
    daemon.start()
    load(bench.stage, "events", daemon.socket, count=1, connections=1, shop="soon")
    outbox = daemon.state / "outbox" / "new"
    end = time.monotonic() + PATIENCE
    while not (outbox.exists() and list(outbox.iterdir())):
        if time.monotonic() > end:
            raise Failed("no letter came into the outbox")
        time.sleep(0.05)
    letter = next(outbox.iterdir()).read_bytes()
    daemon.stop()
    path.write_text(json.dumps({
        "Content": {"Raw": {"Data": base64.b64encode(letter).decode()}},
        "Destination": {"ToAddresses": ["h2load@example.com"]}, "FromEmailAddress": "cart@shop.example",
        "EmailTags": [{"Name": "nudged-attempt", "Value": "0123456789abcdef-1"}]}))
    return path


# A burst.


def burst(bench):
    """Reminders that are due in the same millisecond, on a daemon that has nothing else to do."""
    server, count = MailServer(bench.stage, "ses-burst"), bench.burst
    daemon = Nudged(bench.stage, "nudged-burst", port=server.port, in_flight=IN_FLIGHT)
    daemon.start()
    series = bench.results.of("burst", f"nudged, {count:,} due at once: the last one", "s")
    for number in range(bench.few_rounds):
        before, seed = server.count(), 11 + number
        load(bench.stage, "events", daemon.socket, seed=seed, count=count, connections=1, step=0, shop="later")
        due = daemon.of_seed("DISTINCT m.due_at", seed, "m.state = 'scheduled'")
        if len(due) != 1 or due[0][0] / 1000 < time.time():
            raise Failed(f"the burst was not due at one moment ahead: {due[:3]}")
        await_letters(server, before + count)
        letters = server.letters(after=before)
        check_delivery(bench, daemon, letters, seed, count, "burst")
        bench.results.check(f"burst, seed {seed}: none early", min(at for at, _ in letters) >= due[0][0] * MILLISECOND)
        series.add(max(at for at, _ in letters) / 1e9 - due[0][0] / 1e3)
        say(f"  round {number + 1}/{bench.few_rounds}  {series.title}: after {series.values[-1]:.2f} s")
    daemon.stop()
    bench.stage.stop(server.process)


def claims_of_postgres(bench):
    """What the same ledger costs in PostgreSQL, each reminder claimed and settled, though nothing is sent at all."""
    database = Postgres(bench.stage)
    seconds, series = max(1, bench.seconds), "PostgreSQL, SKIP LOCKED, nothing sent"
    database.fill(round(seconds * bench.rounds) * MOST_CLAIMS)
    for number in range(bench.rounds):
        disk = fsync_p50(bench.stage)
        note(bench, number + 1, "postgres-claims", series, database.pgbench("claim", seconds, IN_FLIGHT)["rate"], disk)
    bench.stage.stop(database.process)


# Lateness.


def lateness(bench, daemon, server):
    """How long after its due time the first byte of each letter is at the mail server, with all others pending."""
    count, spread = bench.punctual, bench.spread
    before, seed = server.count(), 21
    load(bench.stage, "events", daemon.socket, seed=seed, count=count, connections=1, shop="later",
         step=spread * 1000 / count)
    due = dict(daemon.of_seed("c.email, m.due_at", seed, "m.state = 'scheduled'"))
    if len(due) != count:
        raise Failed(f"{len(due)} of {count} reminders lie ahead")
    await_letters(server, before + count)
    letters = server.letters(after=before)
    check_delivery(bench, daemon, letters, seed, count, "lateness")
    late = [at / MILLISECOND - due[address] for at, address in letters]
    bench.results.check("lateness: none early", min(late) >= 0, f"the earliest {min(late):.3f} ms after its due time")
    note_lateness(bench, "nudged", f"nudged, {bench.pending:,} pending", late)


def lateness_of_celery(bench):
    redis, server = Redis(bench.stage), MailServer(bench.stage, "ses-celery")
    environment = os.environ | {
        "BENCH_REDIS": str(redis.socket), "BENCH_PORT": str(server.port), "PYTHONPATH": str(SOURCES / "peers")}
    worker = bench.stage.start(
        "celery", [sys.executable, "-m", "celery", "-A", "celery_remind", "worker", "-P", "threads", "-c", IN_FLIGHT,
                   "--without-gossip", "--without-mingle", "--loglevel", "WARNING"], **environment)
    found = subprocess.run(
        [sys.executable, SOURCES / "peers/celery_remind.py", str(bench.punctual), str(bench.spread)], env=environment,
        capture_output=True, text=True)
    if found.returncode:
        raise Failed("Celery: " + found.stderr[-500:])
    due = json.loads(found.stdout)
    await_letters(server, bench.punctual)
    late = [at / MILLISECOND - due[address] * 1000 for at, address in server.letters()]
    note_lateness(bench, "celery", "Celery, Redis, nothing else pending", late)
    for process in (worker, redis.process, server.process):
        bench.stage.stop(process)


def note_lateness(bench, name, title, late):
    series = bench.results.of(f"late-{name}", f"{title}: lateness, p50", "ms")
    series.add(percentile(late, 0.5), p99_ms=percentile(late, 0.99), max_ms=max(late), min_ms=min(late))
    say(f"  {title}: half within {series.median:.2f} ms, 99 % within {series.detail('p99_ms'):.2f} ms, "
        f"all within {max(late):.2f} ms")
