"""What a run found, as a table for people and JSON for programs."""

import json
import os
import pathlib
import platform
import subprocess
import time

from figures import FIGURES
from stage import PROGRAMS, ROOT


def machine():
    """What the figures were taken on, and how busy it was with other things."""
    cpu = [line for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) // 1024
    mount = subprocess.run(
        ["findmnt", "-n", "-o", "FSTYPE,OPTIONS", "--target", str(ROOT)], capture_output=True, text=True).stdout.split()
    return {
        "processors": len(os.sched_getaffinity(0)), "model": cpu[0].split(":")[1].strip() if cpu else platform.machine(),
        "memory_mib": memory, "kernel": platform.release(), "file_system": " ".join(mount[:2]),
        "nudged": subprocess.run([PROGRAMS / "nudged", "--version"], capture_output=True, text=True).stdout.strip(),
        "commit": subprocess.run(
            ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, cwd=ROOT).stdout.strip(),
    }


def busy(seconds):
    """How many processors somebody uses, this program aside, over so many seconds."""
    def jiffies():
        user, nice, system, _, _, irq, softirq, steal, *_ = map(int, pathlib.Path("/proc/stat").read_text().split()[1:11])
        return user + nice + system + irq + softirq + steal

    before = jiffies()
    time.sleep(seconds)
    return (jiffies() - before) / os.sysconf("SC_CLK_TCK") / seconds


def as_json(results, about):
    return {
        **about,
        "figures": [figure.as_row(results) for figure in FIGURES],
        "series": {name: series.as_json() for name, series in results.series.items()},
        "settings": results.settings,
        "checks": results.checks,
    }


def print_tables(results, about):
    print_machine(about)
    print_series(results)
    print_settings(results)
    print_figures(results)
    print_checks(results)


def print_machine(about):
    found = about["machine"]
    print(f"\nnudged {found['nudged']} ({found['commit']}) on {found['processors']} processors, {found['model']}, "
          f"{found['memory_mib']:,} MiB, Linux {found['kernel']}, {found['file_system']}")
    for remark in about["remarks"]:
        print(f"NOTE: {remark}")


def print_series(results):
    print(f"\n{'':<62} {'median':>10} {'least':>10} {'most':>10}  {'unit':<11} {'p50 ms':>8} {'p99 ms':>8} {'fsync ms':>9} {'cpu µs':>8}")
    for series in results.series.values():
        found = series.as_json()
        beside = [found["beside"].get("p50_ms"), found["beside"].get("p99_ms"), found["fsync_p50_ms"],
                  found["beside"].get("cpu_us")]
        numbers = "".join(f" {number(value):>{width}}" for value, width in zip(beside, (8, 8, 9, 8)))
        print(f"{series.title:<62} {number(series.median):>10} {number(found['min']):>10} {number(found['max']):>10}"
              f"  {series.unit:<11}{numbers}")


def print_settings(results):
    if results.settings:
        print("\nsettings, as the servers state them, and syncs of the disk, as the kernel saw them:")
    for name, settings in results.settings.items():
        print(f"  {name:<12} " + ", ".join(f"{key} {value}" for key, value in settings.items()))


def print_figures(results):
    print(f"\n{'figure':<46} {'target':<42} {'found':>14}")
    words = {None: "not measured", True: "met", False: "MISSED"}
    for row in (figure.as_row(results) for figure in FIGURES):
        found = f"{number(row['found'])} {row['unit']}" if row["found"] is not None else ""
        print(f"{row['figure']:<46} {row['target']:<42} {found:>14}  {words[row['met']]}")


def print_checks(results):
    held = len(results.checks) - len(results.broken)
    print(f"\nchecks of delivery and durability: {held} of {len(results.checks)} hold")
    for check in results.broken:
        print(f"  BROKEN: {check['what']}: {check['detail']}")


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def write_json(found, path):
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
