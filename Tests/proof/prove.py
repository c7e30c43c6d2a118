"""Breaks what keeps each promise, one thing at a time, and sees whether a test goes red. The breaks are in breaks.toml.

All of them are built into one nudged, asleep: `isBreakCalled("name")` is true for the one that the environment names. So that
the sources stay as they are, this happens in a copy of the tree.

  prove.py tree FOLDER      makes the copy with the breaks in it; build it there
  prove.py run FOLDER       calls each break, one after the other, and runs the tests that the entry names
  prove.py check            whether each break still finds its line in the sources, and its tests are still there
  prove.py table            what broke which promise, and which tests went red for it, as a table for people

`run` takes --only REGEX of names, --tests REGEX to look elsewhere, --write to note in breaks.toml what went red.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
ENTRIES = HERE / "breaks.toml"
# How long the tests of one break may take in seconds. A break that has them wait for ever is found out as well.
PATIENCE = int(os.environ.get("NUDGED_PROOF_PATIENCE", "120"))
COPIED = ["Package.swift", "Package.resolved", "Sources", "Tests", "migrations", "api", "docs", "examples", "man",
          "systemd", "scripts", "packaging", "Benchmarks", "README.md", "CHANGELOG.md", "Makefile", ".swift-format"]
# Where to look for what goes red, by the room that is broken.
SUITES = {
    "NudgeDomain": r"^(NudgeDomainTests\.|NudgeStoreTests\.(Claim|Record|DeadLetter))",
    "NudgeStore": r"^NudgeStoreTests\.(Claim|Record|DeadLetter|Group|Opening|Reading|Operator)",
    "NudgeMail": r"^NudgeMailTests\.Send",
    "NudgeAPI": r"^NudgeAPITests\.",
    "NudgeDaemon/Control": r"^NudgeDaemonTests\.Control",
    "NudgeDaemon/Dispatch": r"^NudgeDaemonTests\.(Dispatcher|Recall|Lane|Hold|Pace|Alarm|Allotment|Clock|StepWatch|HeldT)",
    "NudgeDaemon/Lifecycle": r"^NudgeDaemonTests\.(Idleness|Lifecycle)",
}
SWITCH = """import Glibc

/// The break that the environment calls.
private let called = getenv("NUDGED_BREAK").map { String(cString: $0) }

ACCESS func isBreakCalled(_ name: String) -> Bool { called == name }
"""


def entries():
    found = tomllib.loads(ENTRIES.read_text())["break"]
    names = [entry["name"] for entry in found]
    assert len(set(names)) == len(names), "each name once"
    return found


def broken_sources():
    """The text of each source that has a break in it, by its path."""
    texts = {}
    for entry in entries():
        for path, old, new in entry["edits"]:
            text = texts.get(path) or (ROOT / path).read_text()
            if text.count(old) != 1:
                sys.exit(f"{entry['name']}: what is to be broken is {text.count(old)} times in {path}:\n{old}")
            texts[path] = text.replace(old, new.replace("BROKEN", f'isBreakCalled("{entry["name"]}")'))
    for path, text in texts.items():
        room = path.split("/")[1]
        if room not in ("NudgeDomain", "NudgeAPI") and not re.search(r"^(package )?import NudgeDomain$", text, re.M):
            texts[path] = "import NudgeDomain\n" + text
    for room, access in (("NudgeDomain", "package"), ("NudgeAPI", "internal")):
        texts[f"Sources/{room}/IsBroken.swift"] = SWITCH.replace("ACCESS", access)
    return texts


def make_tree(tree):
    """Makes `tree` a copy with the breaks in it. What is there as it should be is left alone, and not built again."""
    wanted = {path: text.encode() for path, text in broken_sources().items()}
    for name in COPIED:
        for source in [ROOT / name] if (ROOT / name).is_file() else sorted((ROOT / name).rglob("*")):
            path = str(source.relative_to(ROOT))
            if source.is_file() and path not in wanted and "__pycache__" not in path:
                wanted[path] = source
    for path, content in wanted.items():
        copy = tree / path
        data = content if isinstance(content, bytes) else content.read_bytes()
        if not copy.exists() or copy.read_bytes() != data:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(data)
            if not isinstance(content, bytes):
                shutil.copymode(content, copy)
    for name in COPIED:
        for copy in (tree / name).rglob("*"):
            if copy.is_file() and str(copy.relative_to(tree)) not in wanted:
                copy.unlink()
    if not (tree / ".venv").exists():
        (tree / ".venv").symlink_to((ROOT / ".venv").resolve())


class Run:
    """One run of the tests: what went red."""

    def __init__(self, tree, tests, name):
        command = [str(tree / ".build/debug/nudgedPackageTests.xctest"), "--testing-library", "swift-testing",
                   "--no-parallel", "--filter", tests]
        environment = dict(os.environ, NUDGED_BREAK=name or "")
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            output, _ = process.communicate(timeout=PATIENCE)
            self.hung = False
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            output, _ = process.communicate()
            self.hung = True
        self.seconds = time.monotonic() - began
        self.output = re.sub(r"\x1b\[[0-9;]*m", "", output.decode(errors="replace"))
        self.status = process.returncode
        lines = self.output.splitlines()
        self.red = self.names(lines, r'✘ Test (".*?"|\S+)(?: with \d+ test cases)? failed after')
        begun = self.names(lines, r'◇ Test (?!run )(".*?"|\S+) started\.')
        ended = self.red + self.names(lines, r'✔ Test (".*?"|\S+)(?: with \d+ test cases)? passed after')
        self.unfinished = [name for name in begun if name not in ended]
        self.count = len(begun)

    @staticmethod
    def names(lines, pattern):
        found = []
        for line in lines:
            if (match := re.search(pattern, line)) and (name := match[1].strip('"')) not in found:
                found.append(name)
        return found

    @property
    def verdict(self):
        if self.red:
            return self.red
        if self.hung or self.status != 0:
            return [f"{name} ({'does not end' if self.hung else 'dies'})" for name in self.unfinished[:1]]
        return []


def note(name, red):
    """Writes down in breaks.toml which tests went red."""
    text = ENTRIES.read_text()
    blocks = re.split(r"(?=^\[\[break\]\]$)", text, flags=re.M)
    for index, block in enumerate(blocks):
        if f'\nname = "{name}"\n' not in block:
            continue
        body = re.sub(r"^red = \[.*?^\]\n", "", block, flags=re.M | re.S)
        listed = "".join(f"  '''{test}''',\n" for test in red)
        lines = body.split("\n")
        last = max(number for number, line in enumerate(lines) if line.strip() and not line.startswith("#"))
        lines.insert(last + 1, f"red = [\n{listed}]" if red else "red = [\n]")
        blocks[index] = "\n".join(lines)
    ENTRIES.write_text("".join(blocks))


def run(tree, only, tests, write):
    failures = 0
    for entry in entries():
        name = entry["name"]
        if only and not re.search(only, name):
            continue
        room = next(room for room in SUITES if entry["edits"][0][0].startswith(f"Sources/{room}/"))
        outcome = Run(tree, tests or entry.get("tests") or SUITES[room], name)
        red = outcome.verdict
        missing = [test for test in entry.get("red", []) if test not in red] if not tests else []
        is_caught = bool(red) and not missing
        failures += not is_caught
        print(f"{'caught' if is_caught else 'NOT CAUGHT'} {name} ({outcome.count} tests, {outcome.seconds:.0f} s)"
              + ("".join(f"\n    red: {test}" for test in red[:12]))
              + ("".join(f"\n    still green: {test}" for test in missing)), flush=True)
        if write and red:
            note(name, red[:write])
    return failures


def check():
    """Ends the program with what is wrong; otherwise says how much there is."""
    broken_sources()
    tests = "\n".join(path.read_text() for path in (ROOT / "Tests").rglob("*.swift"))
    gone = [
        f"{entry['name']}: there is no test called: {name}" for entry in entries() for name in entry.get("red", [])
        if name.removesuffix(" (does not end)").removesuffix(" (dies)").removesuffix("()") not in tests]
    if gone:
        sys.exit("\n".join(gone))
    print(f"{len(entries())} breaks fit the sources")


def table():
    rows = ["| promise | what was broken | tests that went red |", "|---|---|---|"]
    for entry in entries():
        files = sorted({pathlib.Path(path).name for path, _, _ in entry["edits"]})
        red = "<br>".join(entry.get("red", [])) or "**none**"
        rows.append(f"| {', '.join(entry['of'])} | {entry['what']} (`{', '.join(files)}`) | {red} |")
    print("\n".join(rows))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["tree", "run", "check", "table"])
    parser.add_argument("folder", nargs="?", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--only")
    parser.add_argument("--tests")
    parser.add_argument("--write", type=int, default=0)
    arguments = parser.parse_args()
    match arguments.verb:
        case "tree":
            make_tree(arguments.folder)
        case "run":
            sys.exit(1 if run(arguments.folder, arguments.only, arguments.tests, arguments.write) else 0)
        case "check":
            check()
        case "table":
            table()


if __name__ == "__main__":
    main()
