"""The servers that nudged is compared with, each as durable as it can be, and asked afterwards whether it is."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from stage import PATIENCE, SOURCES, Failed
from tools import load

PYTHON = sys.executable


class Beanstalkd:
    """A work queue with a log that is synced at each put."""

    def __init__(self, stage):
        self.stage, self.socket, self.folder = stage, stage.sockets / "beanstalkd", stage.emptied(stage.folder / "beanstalkd")
        self.process = stage.start("beanstalkd", ["beanstalkd", "-f", "0", "-b", self.folder, "-l", f"unix:{self.socket}"])
        stage.await_socket(self.socket, self.process)

    def settings(self):
        command = pathlib.Path(f"/proc/{self.process.pid}/cmdline").read_text().split("\0")
        if command[command.index("-f") + 1] != "0":
            raise Failed("beanstalkd does not sync each put")
        version = self.stage.run("beanstalkd", "-v").strip()
        return {"version": version, "-f": "0 (fsync after each put)", "-b": "binlog"}

    def load(self, **values):
        return load(self.stage, "beanstalkd", self.socket, **values)


class Redis:
    """A sorted set of due times and a key for each body; the append-only file is synced before each answer."""

    def __init__(self, stage):
        self.stage, self.socket, self.folder = stage, stage.sockets / "redis", stage.emptied(stage.folder / "redis")
        self.process = stage.start(
            "redis", ["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", self.folder, "--save", "",
                      "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"])
        stage.await_socket(self.socket, self.process)

    def ask(self, *words):
        return self.stage.run("redis-cli", "-s", self.socket, *words).split()

    def settings(self):
        found = {name: self.ask("CONFIG", "GET", name)[1] for name in ("appendonly", "appendfsync")}
        if found != {"appendonly": "yes", "appendfsync": "always"}:
            raise Failed(f"Redis is not durable: {found}")
        return {"version": self.stage.run("redis-server", "--version").split()[2]} | found

    def count(self):
        return int(self.ask("ZCARD", "due")[0])

    def load(self, **values):
        return load(self.stage, "redis", self.socket, **values)


class Postgres:
    """The same schema in PostgreSQL's types, one checkout with its reminder a commit."""

    SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "max_connections": "128"}

    def __init__(self, stage):
        self.stage, self.folder = stage, stage.emptied(stage.folder / "postgres")
        self.programs = newest_postgres()
        self.user = "postgres" if os.getuid() == 0 else None  # its server refuses root
        home = stage.emptied(stage.sockets / "postgres")
        for path in (self.folder, home):
            if self.user:
                shutil.chown(path, self.user, self.user)
            path.chmod(0o700)
        self.host = home
        account = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        stage.run(self.programs / "initdb", "-D", self.folder, "-U", "bench", "--auth=trust", "-E", "UTF8",
                  "--no-locale", "--no-sync", cwd="/", **account)
        arguments = [word for name, value in self.SETTINGS.items() for word in ("-c", f"{name}={value}")]
        self.process = stage.start(
            "postgres", [self.programs / "postgres", "-D", self.folder, "-k", home, "-c", "listen_addresses=", *arguments],
            user=self.user)
        stage.await_socket(home / ".s.PGSQL.5432", self.process)
        while not self.is_ready():
            time.sleep(0.05)
        self.ask((SOURCES / "postgres/schema.sql").read_text())

    def fill(self, count):
        self.stage.run(
            self.programs / "psql", "-h", self.host, "-U", "bench", "-d", "postgres", "-qX", "-v", "ON_ERROR_STOP=1",
            "-v", f"count={count}", "-f", SOURCES / "postgres/fill.sql")

    def is_ready(self):
        """It listens before it is."""
        if self.process.poll() is not None:
            raise Failed(f"PostgreSQL ended with {self.process.returncode}; see {self.stage.folder}/postgres.log")
        return not subprocess.run([self.programs / "pg_isready", "-q", "-h", self.host]).returncode

    def ask(self, sql):
        return self.stage.run(
            self.programs / "psql", "-h", self.host, "-U", "bench", "-d", "postgres", "-qtAX", "-v", "ON_ERROR_STOP=1",
            "-c", sql).strip()

    def settings(self):
        names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", *self.SETTINGS)
        found = {name: self.ask(f"SHOW {name}") for name in names}
        if not found["fsync"] == found["synchronous_commit"] == found["full_page_writes"] == "on":
            raise Failed(f"PostgreSQL is not durable: {found}")
        return found

    def count(self):
        return int(self.ask("SELECT count(*) FROM checkout"))

    def pgbench(self, script, seconds, connections):
        """At least a second, which is pgbench's unit; longer if connecting took all of that."""
        seconds = max(1, round(seconds))
        while seconds < PATIENCE:
            text = self.stage.run(
                self.programs / "pgbench", "-h", self.host, "-U", "bench", "-n", "-M", "prepared", "-c", connections,
                "-j", 1, "-T", seconds, "-f", SOURCES / f"postgres/{script}.sql", "postgres")
            done = int(re.search(r"actually processed: (\d+)", text).group(1))
            if rate := re.search(r"tps = ([\d.]+)", text):
                return {"rate": float(rate.group(1)), "answers": done}
            seconds *= 2
        raise Failed(f"pgbench: {text}")

    def load(self, seconds, connections, **_):
        return self.pgbench("insert", seconds, connections)

    def syncs(self, work):
        """As the server counts them: strace would have to follow a process for each connection."""
        before = int(self.ask("SELECT wal_sync FROM pg_stat_wal"))
        found = work()
        return int(self.ask("SELECT wal_sync FROM pg_stat_wal")) - before, found


class Huey:
    """A task queue for Python that keeps its tasks in SQLite; one process puts them, each with its time."""

    def __init__(self, stage):
        self.stage, self.path = stage, stage.folder / "huey.db"

    def settings(self):
        return json.loads(self.stage.run(PYTHON, SOURCES / "peers/huey_put.py", self.path, 0))["settings"]

    def load(self, seconds, **_):
        return json.loads(self.stage.run(PYTHON, SOURCES / "peers/huey_put.py", self.path, seconds))


def newest_postgres():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise Failed("no PostgreSQL here: scripts/setup bench")
    return found[-1]
