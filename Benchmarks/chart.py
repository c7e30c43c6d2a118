"""The run as one picture: a bar for each contestant's median, a line from its least round to its most."""

import statistics
from html import escape

GROUPS = [
    ("Events taken durably, one a request, 64 connections", [
        "loop-rising", "redis", "nudged-rising", "nudged-random", "nudged-orders", "postgres", "beanstalkd"]),
    ("One connection, one commit for each event", ["loop-one", "nudged-one", "huey"]),
    ("Events taken durably in bulk, one connection", ["loop-bulk", "nudged-bulk", "redis-bulk"]),
    ("Due reminders handed over to an SES double", ["h2load", "nudged-backlog", "postgres-claims", "boto3"]),
    ("Lateness: half within", ["late-nudged", "late-celery"]),
]
WIDTH, LABELS, BAR, GAP, HEAD = 960, 330, 20, 8, 44
VALUES = 220  # room for the numbers at the right
OURS, OTHERS, INK, PALE = "#0b6e4f", "#9aa5b1", "#1f2933", "#616e7c"


def svg(results, about):
    parts, top = [], 70
    for title, names in GROUPS:
        there = [results.series[name] for name in names if name in results.series]
        if there:
            parts.append(group(title, there, top))
            top += HEAD + len(there) * (BAR + GAP)
    machine = about["machine"]
    subtitle = f"nudged {machine['nudged']} ({machine['commit']}), {machine['processors']} processors shared by servers and load, {about['at']}"
    remarks = "; ".join(about["remarks"])
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top + 40}" font-family="sans-serif">
<title>nudged beside others</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="24" y="34" font-size="20" font-weight="bold" fill="{INK}">nudged beside others</text>
<text x="24" y="56" font-size="12" fill="{PALE}">{escape(subtitle)}</text>
{"".join(parts)}
<text x="24" y="{top + 24}" font-size="12" fill="#b44d12">{escape(remarks)}</text>
</svg>
"""


def group(title, series, top):
    most = max(max(one.values) for one in series) or 1
    heading = f'<text x="24" y="{top + 28}" font-size="14" font-weight="bold" fill="{INK}">{escape(title)}</text>\n'
    return heading + "".join(bar(one, top + HEAD + row * (BAR + GAP), most) for row, one in enumerate(series))


def bar(series, top, most):
    scale = (WIDTH - LABELS - VALUES - 24) / most
    middle, end = top + BAR / 2, LABELS + series.median * scale
    least, largest = (LABELS + value * scale for value in (min(series.values), max(series.values)))
    colour = OURS if "nudged" in series.name else OTHERS
    text = f"{series.median:,.0f}" if series.median >= 100 else f"{series.median:.2f}"
    disk = f" · fsync {statistics.median(series.disk):.2f} ms" if series.disk else ""
    return (
        f'<text x="{LABELS - 10}" y="{middle + 4}" font-size="12" text-anchor="end" fill="{INK}">'
        f"{escape(series.title.split(': lateness')[0])}</text>\n"
        f'<rect x="{LABELS}" y="{top}" width="{max(end - LABELS, 1):.1f}" height="{BAR}" rx="2" fill="{colour}"/>\n'
        f'<path d="M{least:.1f} {middle}H{largest:.1f}M{least:.1f} {middle - 4}v8M{largest:.1f} {middle - 4}v8" '
        f'stroke="{INK}" fill="none"/>\n'
        f'<text x="{max(end, largest) + 8:.1f}" y="{middle + 4}" font-size="12" fill="{INK}">{text} {series.unit}'
        f'<tspan fill="{PALE}">{disk}</tspan></text>\n')
