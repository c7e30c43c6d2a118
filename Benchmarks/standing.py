"""What a nudged costs that mostly waits: memory, idle processor time, start, the ctl, and the weight of what is pending."""

import time

import sending
from daemon import Nudged
from ingest import CONNECTIONS, EVENTS
from stage import say
from tools import MailServer, fsync_p50, load, loop

CTL_RUNS = 40
STARTS = 5
SETTLING = 100  # seconds after a start: nothing has happened for so long that the daemon rests
SMALL = 10_000  # what little is, beside much


def measure(bench):
    """A million pending: memory, idleness, the ctl, start, and lateness."""
    server = MailServer(bench.stage, "ses-standing")
    daemon = Nudged(bench.stage, "nudged-standing", port=server.port)
    daemon.start()
    import_many(bench, daemon)
    daemon.stop()
    daemon.start()
    say(f"  idle for {bench.idle} s with {bench.pending:,} pending")
    idle(bench, daemon)
    status(bench, daemon)
    starts(bench, daemon, "start-1m", bench.pending)
    sending.lateness(bench, daemon, server)
    daemon.stop()
    bench.stage.stop(server.process)
    sending.lateness_of_celery(bench)


def import_many(bench, daemon):
    """One stream of events with rising ids; the peak is what the kernel saw at any moment of it."""
    say(f"  importing {bench.pending:,} lines")
    found = load(bench.stage, "events", daemon.socket, seed=31, count=bench.pending, connections=1)
    there = daemon.query("SELECT count(*) FROM checkout")[0][0]
    bench.results.check(f"import: {bench.pending} acknowledged", there == bench.pending, f"{there} there")
    bench.results.of("import", f"nudged, import of {bench.pending:,} lines", EVENTS).add(found["rate"])
    memory = bench.results.of("memory-import", f"most memory while {bench.pending:,} lines are imported", "MiB")
    memory.add(daemon.memory("VmHWM"))


def idle(bench, daemon):
    time.sleep(SETTLING)
    (cpu, switches), began = daemon.effort(), time.monotonic()
    time.sleep(bench.idle)
    (later, woken), seconds = daemon.effort(), time.monotonic() - began
    results = bench.results
    results.of("idle-cpu", "idle, of one core", "%").add((later - cpu) / seconds / 1e7)
    results.of("idle-wakes", "idle, wake-ups of all threads", "a minute").add((woken - switches) / seconds * 60)
    results.of("memory-idle", f"memory with {bench.pending:,} pending, idle", "MiB").add(daemon.memory())


def status(bench, daemon):
    daemon.ctl("status")
    series = bench.results.of("ctl-status", "nudgectl status, as a whole process", "ms")
    for _ in range(CTL_RUNS):
        series.add(daemon.ctl("status") * 1e3)


def starts(bench, daemon, name, pending):
    """From the start of the program to READY, each after SIGKILL in the middle of events."""
    series = bench.results.of(name, f"start to READY after SIGKILL, {pending:,} pending", "s")
    for number in range(STARTS):
        load(bench.stage, "checkouts", daemon.socket, seed=41 + number, seconds=0.5, connections=CONNECTIONS)
        daemon.kill()
        series.add(daemon.start())
    say(f"  {series.title}: {series.median:.3f} s")


# Much beside little.


def weight(bench):
    """The same work on a database with a great many pending and on one with few, in turns."""
    server = MailServer(bench.stage, "ses-weight")
    heavy, light = (filled(bench, server, name, count) for name, count in (("heavy", bench.heavy), ("light", SMALL)))
    for number in range(bench.rounds + 1):  # the first one warms up
        for daemon, name, count in ((heavy, "heavy", bench.heavy), (light, "light", SMALL)):
            disk = fsync_p50(bench.stage)
            seed = 51 + number
            taken = take(bench, daemon, seed)
            claimed, _ = sending.send_backlog(bench, daemon, server, seed=100 + seed, count=bench.burst)
            if number == 0:
                continue
            bench.results.of(f"ingest-{name}", f"nudged, {count:,} pending, random ids", EVENTS).add(taken, disk=disk)
            bench.results.of(f"claims-{name}", f"nudged, {count:,} pending, sending", sending.LETTERS).add(claimed, disk=disk)
            say(f"  round {number}/{bench.rounds}  {count:>10,} pending: {taken:>8,.0f} {EVENTS}, "
                f"{claimed:>7,.0f} {sending.LETTERS}   fsync {disk:.2f} ms")
    starts(bench, heavy, "start-heavy", bench.heavy)
    for daemon in (heavy, light):
        daemon.stop()
    bench.stage.stop(server.process)


def take(bench, daemon, seed):
    file = bench.stage.folder / f"{daemon.name}-{seed}.acknowledged"
    found = load(bench.stage, "checkouts", daemon.socket, ids="random", seed=seed, seconds=bench.seconds,
                 connections=CONNECTIONS, acknowledged=file)
    missing = daemon.missing(file)
    bench.results.check(f"{daemon.name}, seed {seed}: {found['answers']} acknowledged", not missing, f"{missing} missing")
    return found["rate"]


def filled(bench, server, name, count):
    """A daemon whose database holds so many open checkouts, all due in a hundred years."""
    daemon = Nudged(bench.stage, f"nudged-{name}", port=server.port)
    daemon.start()
    daemon.stop()
    say(f"  filling {count:,}")
    loop(bench.stage, daemon.database, group=100_000, count=count, seed=50, durable="no")
    daemon.start()
    return daemon

