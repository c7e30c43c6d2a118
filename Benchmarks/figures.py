"""The figures that nudged is held to: what each is made of, and its target on two processors that all share."""

import dataclasses
import operator


@dataclasses.dataclass
class Figure:
    title: str
    target: str
    holds: object  # of (value, bound)
    bound: float
    value: object  # of the results: a number, or KeyError where a part was not measured
    unit: str = ""

    def found(self, results):
        try:
            return self.value(results)
        except KeyError:
            return None

    def as_row(self, results):
        found = self.found(results)
        return {
            "figure": self.title, "target": self.target, "found": found, "unit": self.unit,
            "met": None if found is None else bool(self.holds(found, self.bound))}


def times(title, ours, theirs, bound, name):
    """Our median over theirs."""
    return Figure(
        title, f"≥ {bound:g} × {name}", operator.ge, bound,
        lambda results: results.series[ours].median / results.series[theirs].median, "×")


def at_least(title, series, bound, unit):
    return Figure(title, f"≥ {bound:,g} {unit}", operator.ge, bound, lambda results: results.series[series].median, unit)


def at_most(title, series, bound, unit, part=None):
    return Figure(
        title, f"≤ {bound:,g} {unit}", operator.le, bound,
        lambda results: results.series[series].detail(part) if part else results.series[series].median, unit)


RISING, RANDOM = "POST /checkout, 64 connections, rising ids", "POST /checkout, 64 connections, random ids"
BACKLOG = "due backlog through ses"

FIGURES = [
    times(RISING, "nudged-rising", "beanstalkd", 5, "beanstalkd -f 0"),
    times(RISING, "nudged-rising", "redis", 0.7, "Redis"),
    times(RISING, "nudged-rising", "loop-rising", 0.8, "the C loop, groups of 64"),
    times(RANDOM, "nudged-random", "beanstalkd", 3.5, "beanstalkd -f 0"),
    times(RANDOM, "nudged-random", "redis", 0.5, "Redis"),
    times(RANDOM, "nudged-random", "loop-random", 0.8, "the C loop, groups of 64"),
    times("POST /checkout, 1 connection", "nudged-one", "loop-one", 0.8, "the C loop, groups of 1"),
    times("POST /events, 1 connection", "nudged-bulk", "redis", 1.2, "Redis, 64 connections"),
    times("POST /events, 1 connection", "nudged-bulk", "redis-bulk", 1.2, "Redis, 1 connection, pipelined"),
    times("POST /events, 1 connection", "nudged-bulk", "loop-bulk", 0.9, "the C loop, groups of 512"),
    at_least(BACKLOG, "nudged-backlog", 4_000, "letters/s"),
    times(BACKLOG, "nudged-backlog", "boto3", 10, "boto3 with threads"),
    times(BACKLOG, "nudged-backlog", "h2load", 0.3, "h2load to the same server"),
    times("orders closing checkouts, 64 connections", "nudged-orders", "nudged-rising", 0.7, "single checkouts"),
    at_most("lateness, p50", "late-nudged", 2, "ms"),
    at_most("lateness, p99", "late-nudged", 10, "ms", part="p99_ms"),
    at_most("burst due at once: the last one", "burst", 3, "s"),
    times("ingest, a great many pending", "ingest-heavy", "ingest-light", 0.7, "10,000 pending"),
    times("claims, a great many pending", "claims-heavy", "claims-light", 0.7, "10,000 pending"),
    at_most("memory, idle", "memory-idle", 40, "MiB"),
    at_most("memory, during an import", "memory-import", 80, "MiB"),
    at_most("idle processor time", "idle-cpu", 0.05, "%"),
    at_most("idle wake-ups", "idle-wakes", 2, "a minute"),
    at_most("start to READY after SIGKILL", "start-heavy", 1, "s"),
    at_most("disk per open checkout, 300-byte body", "bytes-each", 900, "bytes"),
    at_most("nudgectl status, whole process", "ctl-status", 30, "ms"),
]
