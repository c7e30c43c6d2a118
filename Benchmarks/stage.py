"""What a run owns: a folder on the disk under test, a short folder for sockets, and the processes, which end with it."""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ROOT / "Benchmarks"
PROGRAMS = pathlib.Path(os.environ.get("NUDGED_PROGRAMS", ROOT / ".build/release")).resolve()
PATIENCE = 120  # seconds for a server to answer


class Failed(Exception):
    """The run cannot go on, or its figures would not be worth anything; the text says why."""


def say(text):
    print(text, file=sys.stderr, flush=True)


class Stage:
    def __init__(self, folder):
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.sockets = pathlib.Path(tempfile.mkdtemp(prefix="nudge-bench."))  # paths of sockets must be short
        self.sockets.chmod(0o755)
        self.tools = compiled(folder)
        self.running = []

    @staticmethod
    def emptied(path):
        """The folder, with nothing in it: a server of an earlier part may have had it."""
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        return path

    def start(self, name, command, user=None, stdout=None, **environment):
        """Starts a server whose log is `name`.log; it ends with this process at the latest."""
        log = open(self.folder / f"{name}.log", "ab")
        account = {"user": user, "group": user, "extra_groups": []} if user else {}
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=stdout or log, stderr=log,
            env=os.environ | environment, preexec_fn=die_with_parent, **account)
        self.running.append(process)
        return process

    def run(self, *command, **options):
        """Runs a program to its end and answers what it wrote."""
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
        if done.returncode:
            raise Failed(f"{' '.join(map(str, command))[:200]}: exit {done.returncode}: {done.stderr.strip()[-500:]}")
        return done.stdout

    def stop(self, process, how=signal.SIGTERM):
        if process.poll() is None:
            process.send_signal(how)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process in self.running:
            self.running.remove(process)
        return process.returncode

    def await_socket(self, path, process):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if process.poll() is not None:
                raise Failed(f"{process.args[0]} ended with {process.returncode}; see {self.folder}/*.log")
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    return probe.connect(str(path))
                except OSError:
                    time.sleep(0.02)
        raise Failed(f"nobody listens on {path}")

    def close(self):
        for process in reversed(self.running[:]):
            self.stop(process)
        shutil.rmtree(self.sockets, ignore_errors=True)


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def compiled(folder):
    """The loaders, compiled anew, because they are small and must match the sources."""
    tools = {}
    for name, libraries in {"load": [], "ses": [], "loop": ["-lsqlite3"]}.items():
        tools[name] = folder / name
        subprocess.run(
            ["cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-o", tools[name], SOURCES / f"{name}.c", *libraries], check=True)
    return tools
