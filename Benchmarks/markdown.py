"""The run as a page to publish: what was found of each figure, and each contestant's rounds."""

from report import number


def page(found):
    return "\n\n".join([heading(found), figures(found), contestants(found), settings(found), checks(found)]) + "\n"


def heading(found):
    machine = found["machine"]
    sizes = ", ".join(f"{name} {value:,}" for name, value in found["sizes"].items())
    remarks = "".join(f"\n\n**{remark}**" for remark in found["remarks"])
    return (
        f"nudged {machine['nudged']} ({machine['commit']}), {found['at']}: {machine['processors']} processors, "
        f"{machine['model']}, {machine['memory_mib']:,} MiB, Linux {machine['kernel']}, {machine['file_system']}; servers and "
        f"load share the processors. Sizes: {sizes}. Medians of the rounds, with the least and the most.{remarks}")


def figures(found):
    words = {None: "not measured", True: "yes", False: "**no**"}
    rows = [
        (row["figure"], row["target"], f"{number(row['found'])} {row['unit']}" if row["found"] is not None else "",
         words[row["met"]])
        for row in found["figures"]]
    return table(("figure", "target", "found", "met"), rows)


def contestants(found):
    rows = []
    for series in found["series"].values():
        beside = series["beside"]
        extent = f"{number(series['min'])} to {number(series['max'])}"
        rows.append((
            series["title"], f"{number(series['median'])} {series['unit']}", extent, number(beside.get("p50_ms")),
            number(beside.get("p99_ms")), number(beside.get("cpu_us")), number(series["fsync_p50_ms"])))
    return table(("", "median", "rounds", "p50, ms", "p99, ms", "processor, µs each", "fsync p50, ms"), rows)


def settings(found):
    return "Settings, as the servers state them:\n\n" + "\n".join(
        f"- {name}: " + ", ".join(f"{key} {value}" for key, value in values.items())
        for name, values in found["settings"].items())


def checks(found):
    held = sum(check["holds"] for check in found["checks"])
    broken = "".join(f"\n- {check['what']}: {check['detail']}" for check in found["checks"] if not check["holds"])
    return f"Checks of delivery and durability that hold: {held} of {len(found['checks'])}.{broken}"


def table(titles, rows):
    lines = [titles, tuple("---" for _ in titles), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
