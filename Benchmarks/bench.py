"""Measures nudged beside others, and itself against what it is held to.

Starts the released daemon and its peers on one disk, lets them take turns, checks after each round that nothing
acknowledged is missing and nothing due was handed over twice, and writes tables, JSON and a chart. Exit 1 if a promise
was broken; a target that is missed is a figure, no failure."""

import argparse
import datetime
import os
import pathlib
import shutil
import signal
import sys

import chart
import ingest
import markdown
import report
import sending
import standing
from series import Results
from stage import PROGRAMS, ROOT, Failed, Stage, say

PARTS = {
    "ingest": ingest.measure,
    "sending": sending.measure,
    "standing": standing.measure,
    "weight": standing.weight,
}
BUSY = 0.1  # processors that others use before or after the run: from there on its figures are not to be quoted
LOOK = 2.0  # seconds of looking at that

FULL = {
    "rounds": 5, "few_rounds": 3, "seconds": 5.0, "backlog": 100_000, "burst": 10_000, "pending": 1_000_000,
    "heavy": 10_000_000, "punctual": 1_000, "spread": 60.0, "idle": 600.0}
QUICK = {
    "rounds": 3, "few_rounds": 1, "seconds": 0.3, "backlog": 3_000, "burst": 2_000, "pending": 50_000,
    "heavy": 200_000, "punctual": 200, "spread": 4.0, "idle": 5.0}
MEANING = {
    "rounds": "rounds that count, after one that warms up", "few_rounds": "rounds of the burst",
    "seconds": "length of a round of one contestant", "backlog": "reminders that are due at once, for throughput",
    "burst": "reminders due in the same millisecond", "pending": "checkouts that wait, for memory, idleness and lateness",
    "heavy": "checkouts that wait, for ingest and claims with a great many", "punctual": "reminders whose lateness is taken",
    "spread": "seconds over which they are due", "idle": "seconds of watching an idle daemon"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="two minutes, to see that all of it works")
    parser.add_argument("--only", help=f"some of {','.join(PARTS)}")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / ".build/bench",
                        help="where it works, and so the disk that is measured; .build/bench")
    for name, value in FULL.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), help=f"{MEANING[name]}; {value:,} (quick: {QUICK[name]:,})")
    return parser.parse_args()


class Bench:
    """The sizes of this run, where it takes place, and what it has found so far."""

    def __init__(self, given):
        sizes = QUICK if given.quick else FULL
        for name, value in sizes.items():
            chosen = getattr(given, name)
            setattr(self, name, value if chosen is None else chosen)
        self.sizes = {name: getattr(self, name) for name in sizes}
        self.results, self.stage = Results(), None


def remarks_on(given, before, after):
    remarks = []
    if given.quick:
        remarks.append("a quick run, too short for figures to quote")
    if max(before, after) > BUSY:
        remarks.append(f"others used {before:.1f} processors before the run and {after:.1f} after it: not for quoting")
    return remarks


def measure(bench, parts, folder):
    bench.stage = Stage(folder.resolve() / "work")
    try:
        for name in parts:
            say(f"── {name}")
            PARTS[name](bench)
    finally:
        bench.stage.close()
    shutil.rmtree(bench.stage.folder, ignore_errors=True)  # gigabytes; what went wrong can be read there


def main():
    given = arguments()
    parts = given.only.split(",") if given.only else list(PARTS)
    if unknown := set(parts) - set(PARTS):
        raise Failed(f"no such part: {', '.join(sorted(unknown))}")
    if not os.access(PROGRAMS / "nudged", os.X_OK):
        raise Failed("no released programs: make release")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    bench, machine = Bench(given), report.machine()
    now = datetime.datetime.now(datetime.timezone.utc)
    before = report.busy(LOOK)
    measure(bench, parts, given.folder)
    about = {"at": now.isoformat(timespec="seconds"), "machine": machine, "sizes": bench.sizes, "parts": parts,
             "remarks": remarks_on(given, before, report.busy(LOOK))}
    report.print_tables(bench.results, about)
    folder = given.folder / "results"
    folder.mkdir(parents=True, exist_ok=True)
    name = now.strftime("%Y-%m-%dT%H%M%SZ")
    found = report.as_json(bench.results, about)
    report.write_json(found, folder / f"{name}.json")
    (folder / f"{name}.md").write_text(markdown.page(found))
    (folder / f"{name}.svg").write_text(chart.svg(bench.results, about))
    print(f"\nwritten: {folder / name}.json, .md and .svg")
    return 1 if bench.results.broken else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as error:
        sys.exit(f"bench: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
