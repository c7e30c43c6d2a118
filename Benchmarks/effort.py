"""Counts what the released daemon does for an event and for a letter, and holds it to bounds: the guard that a change
does not make nudged slower.

    effort.py check         exit 1 if something takes more than its bound in effort.toml
    effort.py bound         writes the bounds anew: what was counted, and SLACK more

Instructions are counted by valgrind, not timed: they are the same however busy the machine is, but for the few that
depend on how threads take turns. Each scenario is a whole run of the daemon: start, events over its socket, stop. What
one more event costs is the difference between two runs, so that start and stop do not count."""

import concurrent.futures
import pathlib
import re
import signal
import sys
import time
import tomllib

from daemon import Nudged
from stage import ROOT, SOURCES, Failed, Stage, say
from tools import MailServer, load

BOUNDS = SOURCES / "effort.toml"
SLACK = 0.15
STEP = 1_000  # instructions: bounds are rounded up to that
WARM = 300  # of each kind in every run: what is done once is done by then
MORE = 2_000
LETTERS = 1_000
LETTER_WAIT = 600  # seconds that letters may take under valgrind on a machine that has other things to do

IDLE_SETTLING = 8  # seconds: what a start does has ended, and its threads have gone
IDLE_SECONDS = 15
IDLE_WAKES = 5  # in that time; a timer of a second would make 15


class Counted(Nudged):
    """nudged under valgrind."""

    def __init__(self, stage, program, name, port):
        super().__init__(stage, name, port=port)
        self.log = stage.folder / f"{name}.valgrind"
        self.program = [
            "valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
            "--fair-sched=yes", f"--log-file={self.log}", program]

    def instructions(self):
        found = re.search(r"I\s+refs:\s+([\d,]+)", self.log.read_text())
        if not found:
            raise Failed(f"valgrind counted nothing; see {self.log}")
        return int(found[1].replace(",", ""))


def run(stage, program, name, checkouts=0, orders=0, events=0, letters=0):
    """The instructions of a daemon that takes so many more than those that warm it up."""
    server = MailServer(stage, f"ses-{name}")
    daemon = Counted(stage, program, name, server.port)
    daemon.start()
    load(stage, "checkouts", daemon.socket, seed=1, count=WARM + checkouts, connections=1)
    load(stage, "orders", daemon.socket, seed=1, count=WARM + orders, connections=1)
    load(stage, "events", daemon.socket, seed=2, count=WARM + events, connections=1)
    send(stage, daemon, server, WARM + letters)
    daemon.stop()
    stage.stop(server.process)
    return daemon.instructions()


def send(stage, daemon, server, count):
    """Reminders that are all due when sending begins."""
    daemon.call("POST", "/pause")
    load(stage, "events", daemon.socket, seed=3, count=count, connections=1, shop="soon")
    due = daemon.of_seed("max(m.due_at)", 3)[0][0] / 1000
    time.sleep(max(0, due - time.time()) + 0.1)
    daemon.call("POST", "/resume")
    end = time.monotonic() + LETTER_WAIT
    while server.count() < count:
        if time.monotonic() > end:
            raise Failed(f"{server.count()} letters of {count} came")
        time.sleep(0.1)


def count(stage, program):
    """Instructions of one more of each."""
    plans = {
        "base": {},
        "checkout": {"checkouts": MORE},
        "order": {"checkouts": MORE, "orders": MORE},
        "event": {"events": MORE},
        "letter": {"letters": LETTERS},
    }
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = {name: pool.submit(run, stage, program, name, **plan) for name, plan in plans.items()}
        found = {name: task.result() for name, task in runs.items()}
    event = (found["event"] - found["base"]) / MORE
    return {
        "checkout": (found["checkout"] - found["base"]) / MORE,
        "order": (found["order"] - found["checkout"]) / MORE,
        "event": event,
        "letter": (found["letter"] - found["base"]) / LETTERS - event,
    }


def wakes(stage):
    """How often the threads of a daemon wake up that has nothing to do."""
    daemon = Nudged(stage, "idle")
    daemon.start()
    time.sleep(IDLE_SETTLING)
    _, before = daemon.effort()
    time.sleep(IDLE_SECONDS)
    _, after = daemon.effort()
    daemon.stop()
    return after - before


def stripped(stage):
    """valgrind reads all that debuggers want to know of a program, which takes longer than the scenarios."""
    program = stage.folder / "nudged"
    stage.run("strip", "-o", program, ROOT / ".build/release/nudged")
    return program


def write_bounds(found):
    rows = [f"{name} = {-(-int(value * (1 + SLACK)) // STEP) * STEP}" for name, value in found.items()]
    BOUNDS.write_text(
        "# The most instructions that one more of each may take in the daemon, kernel apart. `make effort-bounds` writes\n"
        "# them anew: what was counted and 15 % more. A bound may rise, with a reason in the commit.\n"
        + "\n".join(rows) + "\n")


def judge(found):
    bounds, broken = tomllib.loads(BOUNDS.read_text()), 0
    for name, value in found.items():
        is_over = value > bounds[name]
        broken += is_over
        say(f"  {name:<9} {value:>10,.0f} instructions, at most {bounds[name]:>10,}{'   TOO MANY' if is_over else ''}")
    return broken


def main(mode):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    stage = Stage(pathlib.Path(ROOT / ".build/effort"))
    try:
        woken = wakes(stage)
        found = count(stage, stripped(stage))
    finally:
        stage.close()
    say(f"  idle      {woken:>10} wake-ups in {IDLE_SECONDS} s, at most {IDLE_WAKES}")
    if mode == "bound":
        write_bounds(found)
    return 1 if judge(found) or woken > IDLE_WAKES else 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["check"], ["bound"]):
        sys.exit("usage: effort.py check|bound")
    try:
        sys.exit(main(sys.argv[1]))
    except Failed as error:
        sys.exit(f"effort: {error}")
