"""Measured values, round by round."""

import statistics


class Series:
    """What one contestant did in each round; medians count, and the least and the most stand beside them."""

    def __init__(self, name, title, unit):
        self.name, self.title, self.unit = name, title, unit
        self.values, self.details, self.disk = [], [], []

    def add(self, value, disk=None, **details):
        self.values.append(value)
        self.details.append(details)
        if disk is not None:
            self.disk.append(disk)

    @property
    def median(self):
        return statistics.median(self.values)

    def detail(self, name):
        """The median over the rounds of what was measured beside the value; None if it was not."""
        values = [details[name] for details in self.details if name in details]
        return statistics.median(values) if values else None

    def as_json(self):
        names = sorted({name for details in self.details for name in details})
        return {
            "title": self.title, "unit": self.unit, "values": self.values, "median": self.median,
            "min": min(self.values), "max": max(self.values),
            "fsync_p50_ms": statistics.median(self.disk) if self.disk else None,
            "beside": {name: self.detail(name) for name in names},
        }


class Results:
    """All that a run found: series, settings as the servers themselves state them, and what was checked."""

    def __init__(self):
        self.series, self.settings, self.checks = {}, {}, []

    def of(self, name, title, unit):
        return self.series.setdefault(name, Series(name, title, unit))

    def check(self, what, holds, detail=""):
        """Writes down that a promise was looked at. A broken one makes the whole run fail."""
        self.checks.append({"what": what, "holds": bool(holds), "detail": detail})

    @property
    def broken(self):
        return [check for check in self.checks if not check["holds"]]


def percentile(values, part):
    ordered = sorted(values)
    return ordered[round((len(ordered) - 1) * part)]
