"""The loaders, and the server that plays SES."""

import http.client
import json
import os
import pathlib
import re
import subprocess

from stage import PATIENCE, Failed


def options(values):
    return [f"{name}={value}" for name, value in values.items() if value is not None]


def load(stage, protocol, socket, **values):
    return json.loads(stage.run(stage.tools["load"], protocol, socket, *options(values)))


def loop(stage, database, **values):
    return json.loads(stage.run(stage.tools["loop"], database, *options(values)))


def fsync_p50(stage):
    """Milliseconds that half of the writes of 4 KiB take to reach the disk, now."""
    path = stage.folder / "fsync"
    found = json.loads(stage.run(stage.tools["load"], "disk", path))
    path.unlink()
    return found["p50_ms"]


def syncs(stage, pid, work):
    """How often the process and its children sync files while `work` runs."""
    log = stage.folder / "syncs"
    watch = stage.start("strace", ["strace", "-f", "-c", "-e", "trace=fsync,fdatasync,msync", "-o", log, "-p", pid])
    try:
        subprocess.run(["sleep", "0.3"], check=True)  # until strace is attached: it says so to a terminal only
        found = work()
    finally:
        stage.stop(watch, 2)  # SIGINT: it writes the counts
    # % time, seconds, usecs/call, calls, [errors,] syscall
    rows = [line.split() for line in log.read_text().splitlines() if line.strip().endswith(("sync", "msync"))]
    return sum(int(row[3]) for row in rows), found


def processor(pid):
    """Seconds of processor that all threads of a process have taken, those that ended as well: in steps of 10 ms."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def with_processor(pid, work):
    """What `work` answers, and beside it the microseconds of processor that the server took for each answer."""
    before = processor(pid)
    found = work()
    return found | {"cpu_us": (processor(pid) - before) * 1e6 / max(found["answers"], 1)}


class MailServer:
    """An SES double that takes each letter at once."""

    def __init__(self, stage, name):
        self.log = stage.folder / f"{name}.letters"
        self.process = stage.start(name, [stage.tools["ses"], self.log], stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def count(self, flush=False):
        self.connection.request("GET", "/flush" if flush else "/count")
        return int(self.connection.getresponse().read())

    def letters(self, after=0):
        """(nanoseconds of the wall clock, address) of each letter after the first `after` of them."""
        self.count(flush=True)
        with open(self.log) as file:
            rows = [line.split() for line in file][after:]
        return [(int(row[0]), row[1]) for row in rows]


def h2load(stage, port, body, count, connections):
    """Letters a second that go through with no more work than writing them."""
    text = stage.run(
        "h2load", "--h1", "-c", connections, "-n", count, "-d", body, "-H", "Content-Type: application/json",
        f"http://127.0.0.1:{port}/v2/email/outbound-emails")
    if f"{count} succeeded, 0 failed" not in text:
        raise Failed("h2load: not all were answered: " + text)
    return float(re.search(r"finished in .*?, ([\d.]+) req/s", text).group(1))
