"""How many events a second are taken durably: nudged, the other queues, and the bare database, in turns."""

import dataclasses
import os
from collections.abc import Callable

from daemon import Nudged
from peers import Beanstalkd, Huey, Postgres, Redis
from stage import Failed, say
from tools import fsync_p50, load, loop, syncs, with_processor

EVENTS = "events/s"
CONNECTIONS = 64
BULK_WINDOW = 512
WARM_UP_SEED = 99
OURS = ("rising", "random", "one", "bulk")  # a daemon and a database each, as the loops in C have


@dataclasses.dataclass
class Contestant:
    """`run(seed, seconds)` answers a rate; `verify` what the server holds more than it acknowledged, or lacks."""

    name: str
    title: str
    run: Callable
    syncs: Callable = None  # runs what it is given, and answers how often the server synced meanwhile, and what came of it
    most: int = 0  # events that one sync may cover
    pid: Callable = None  # of a server that is one process, to count what it takes of the processors

    def measured(self, seed, seconds):
        if self.pid is None:
            return self.run(seed, seconds)
        return with_processor(self.pid(), lambda: self.run(seed, seconds))


def measure(bench):
    field = Field(bench)
    try:
        field.state_settings()
        field.prove_durable()
        field.warm_up()
        for number in range(bench.rounds):
            field.round(number)
        field.kill_and_look()
    finally:
        field.close()


class Field:
    def __init__(self, bench):
        self.bench, self.stage, self.results = bench, bench.stage, bench.results
        self.nudged = {name: Nudged(self.stage, f"nudged-{name}") for name in OURS}
        for daemon in self.nudged.values():
            daemon.start()
        self.peers = {
            "beanstalkd": Beanstalkd(self.stage), "redis": Redis(self.stage), "postgres": Postgres(self.stage),
            "huey": Huey(self.stage)}
        self.acknowledged = {name: 0 for name in self.peers}
        self.loops = {name: self.empty_database(name) for name in ("loop-rising", "loop-random", "loop-one", "loop-bulk")}
        self.contestants = [*self.our_contestants(), *self.peer_contestants(), *self.loop_contestants()]

    def empty_database(self, name):
        daemon = Nudged(self.stage, name)
        daemon.start()
        daemon.stop()
        return daemon.database

    # Who takes part.

    def our_contestants(self):
        def ours(name, protocol="checkouts", **more):
            return lambda seed, seconds: self.ours(name, protocol, seed=seed, seconds=seconds, **more)

        watched = {name: traced(self.stage, daemon.process) for name, daemon in self.nudged.items()}
        pids = {name: lambda daemon=daemon: daemon.process.pid for name, daemon in self.nudged.items()}
        return [
            Contestant(
                "nudged-rising", "nudged, rising ids", ours("rising"), watched["rising"], CONNECTIONS, pids["rising"]),
            Contestant(
                "nudged-random", "nudged, random ids", ours("random", ids="random"), watched["random"], CONNECTIONS,
                pids["random"]),
            Contestant("nudged-orders", "nudged, orders that close checkouts", self.orders, pid=pids["rising"]),
            Contestant("nudged-one", "nudged, 1 connection", ours("one", connections=1), watched["one"], 1, pids["one"]),
            Contestant("nudged-bulk", "nudged, POST /events", ours("bulk", "events", connections=1), pid=pids["bulk"]),
        ]

    def peer_contestants(self):
        def peer(name, **more):
            return lambda seed, seconds: self.peer(name, seed=seed, seconds=seconds, **more)

        titles = {"beanstalkd": "beanstalkd -f 0", "redis": "Redis, appendfsync always", "postgres": "PostgreSQL"}
        many = {"connections": CONNECTIONS}
        watched = {name: traced(self.stage, self.peers[name].process) for name in ("beanstalkd", "redis")}
        watched["postgres"] = self.peers["postgres"].syncs
        pids = {name: lambda name=name: self.peers[name].process.pid for name in ("beanstalkd", "redis")}
        return [
            *(Contestant(name, title, peer(name, **many), watched[name], CONNECTIONS, pids.get(name)) for name, title in titles.items()),
            Contestant(
                "redis-bulk", "Redis, 1 connection, pipelined", peer("redis", connections=1, window=BULK_WINDOW),
                pid=pids["redis"]),
            Contestant("huey", "huey on SQLite, 1 process", peer("huey")),
        ]

    def loop_contestants(self):
        def bare(database, **more):
            path = self.loops[database]
            return lambda seed, seconds: loop(self.stage, path, seed=seed, seconds=seconds, **more)

        return [
            Contestant("loop-rising", "C loop, groups of 64, rising", bare("loop-rising", group=64)),
            Contestant("loop-random", "C loop, groups of 64, random", bare("loop-random", group=64, ids="random")),
            Contestant("loop-one", "C loop, groups of 1", bare("loop-one", group=1)),
            Contestant("loop-bulk", "C loop, groups of 512", bare("loop-bulk", group=512)),
        ]

    # What they do.

    def ours(self, name, protocol, seed, seconds, ids="rising", connections=CONNECTIONS):
        daemon, file = self.nudged[name], self.acknowledged_by(name, seed)
        found = load(
            self.stage, protocol, daemon.socket, ids=ids, seed=seed, seconds=seconds, connections=connections,
            acknowledged=file)
        missing = daemon.missing(file)
        self.results.check(f"nudged, {name}, seed {seed}: {found['answers']} acknowledged", not missing, f"{missing} missing")
        return found

    def acknowledged_by(self, name, seed):
        return self.stage.folder / f"{name}-{seed}.acknowledged"

    def orders(self, seed, seconds):
        """Closes the checkouts that this round took; there are as many orders as fit into the same time or less."""
        daemon, count = self.nudged["rising"], count_lines(self.acknowledged_by("rising", seed))
        found = load(
            self.stage, "orders", daemon.socket, ids="rising", seed=seed, count=count, connections=CONNECTIONS)
        closed = daemon.of_seed("count(DISTINCT c.id)", seed, "c.state = 'ordered'")[0][0]
        self.results.check(f"orders, seed {seed}: {count} acknowledged", closed == count, f"{closed} checkouts closed")
        return found

    def peer(self, name, seed, seconds, **more):
        found = self.peers[name].load(seed=seed + (3_000 if "window" in more else 0), seconds=seconds, **more)
        self.acknowledged[name] += found["answers"]
        if hasattr(self.peers[name], "count"):
            there = self.peers[name].count()
            self.results.check(f"{name}, seed {seed}", there == self.acknowledged[name],
                               f"{self.acknowledged[name]} acknowledged, {there} there")
        return found

    # The rounds.

    def state_settings(self):
        for name, peer in self.peers.items():
            self.results.settings[name] = peer.settings()
        self.results.settings["loop"] = {"journal_mode": "wal", "synchronous": "2", "read back": "by the program itself"}

    def prove_durable(self):
        """Counts the syncs of each server under load: an answer without a sync behind it is none that counts."""
        for contestant in self.contestants:
            if contestant.syncs is None:
                continue
            count, found = contestant.syncs(lambda: contestant.run(WARM_UP_SEED, 1))
            each = found["answers"] / max(count, 1)
            self.results.settings.setdefault("syncs", {})[contestant.name] = f"{each:.1f} events each"
            self.results.check(f"{contestant.name} syncs what it acknowledges", count > 0 and each <= contestant.most,
                               f"{found['answers']} answers, {count} syncs")

    def warm_up(self):
        say("  warm-up")
        for contestant in self.contestants:
            contestant.run(WARM_UP_SEED - 1, min(1, self.bench.seconds))

    def round(self, number):
        """Each begins with somebody else, so that nobody always runs behind the same neighbour. Orders need the round's checkouts."""
        turn = self.contestants[number % 2:] + self.contestants[:number % 2] if number % 2 else self.contestants
        turn = sorted(turn, key=lambda contestant: contestant.name == "nudged-orders")
        for contestant in turn:
            disk = fsync_p50(self.stage)
            found = contestant.measured(number + 1, self.bench.seconds)
            series = self.results.of(contestant.name, contestant.title, EVENTS)
            beside = {name: found[name] for name in ("p50_ms", "p99_ms", "max_ms", "cpu_us") if found.get(name)}
            series.add(found["rate"], disk=disk, **beside)
            say(f"  round {number + 1}/{self.bench.rounds}  {contestant.title:<38} {found['rate']:>10,.0f} {EVENTS}"
                f"   fsync {disk:.2f} ms")

    def kill_and_look(self):
        """Kills nudged, and looks for all that it ever acknowledged, in what the next start finds."""
        for name, daemon in self.nudged.items():
            daemon.kill()
            daemon.start()
            files = sorted(self.stage.folder.glob(f"{name}-*.acknowledged"))
            told, missing = sum(count_lines(file) for file in files), sum(daemon.missing(file) for file in files)
            self.results.check(f"nudged-{name} killed: {told} acknowledged", not missing, f"{missing} missing")
        self.measure_size()

    def measure_size(self):
        daemon = self.nudged["random"]
        daemon.stop()
        open_checkouts = daemon.query("SELECT count(*) FROM checkout WHERE state = 'open'")[0][0]
        every = daemon.query("SELECT count(*) FROM checkout")[0][0]
        if open_checkouts != every:
            raise Failed("a checkout of random ids was closed, though there were no orders for them")
        series = self.results.of("bytes-each", "database, per open checkout with a 300-byte body, random ids", "bytes")
        series.add(os.path.getsize(daemon.database) / every)

    def close(self):
        for daemon in self.nudged.values():
            if daemon.process and daemon.process.poll() is None:
                daemon.kill()
        for peer in self.peers.values():
            if hasattr(peer, "process"):
                self.stage.stop(peer.process)


def traced(stage, process):
    return lambda work: syncs(stage, process.pid, work)


def count_lines(path):
    with open(path) as file:
        return sum(1 for _ in file)
