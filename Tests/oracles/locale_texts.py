"""Reads amounts and dates as lines of JSON ({"kind", "locale", "what", "value", "written"}) and compares how they are
written with Babel, which has the same source (CLDR) and none of our code.

What Babel leaves out is evened out: the space between a currency's letters and the digits, the locale's own digits and
minus sign, the digit grouping that some locales begin at five digits only. What is left of differences comes from the
editions of CLDR, and is listed in EDITIONS.
"""

import datetime
import json
import sys
import unicodedata
from decimal import Decimal

from babel import Locale, dates, numbers

# (kind, locale, what), None for any: what differs between the editions of CLDR, and nothing else.
EDITIONS = {
    ("money", "fr-CH", None): "the currency stands behind the number in newer editions",
    ("money", "ja", "JPY"): "the yen sign is the wide one in newer editions",
    ("money", None, "COP"): "two decimals in newer editions",
    ("money", None, "IDR"): "two decimals in newer editions",
    ("money", None, "PKR"): "two decimals in newer editions",
    ("date", "ar-EG", None): "no comma before the year in newer editions",
    ("date", "ar-AE", None): "no comma before the year in newer editions",
    ("date", "th", None): "the era is named in newer editions",
    ("date", "vi", None): "the word for day is left out in newer editions",
}
BIDI_MARKS = "\u200e\u200f\u061c"


def plain(text):
    letters = []
    for letter in text:
        if letter.isspace() or letter in BIDI_MARKS:
            continue
        digit = unicodedata.decimal(letter, None)
        letters.append("-" if letter == "\u2212" else letter if digit is None else str(digit))
    return "".join(letters)


def ungrouped(text, locale):
    group = plain(numbers.get_group_symbol(locale, numbering_system="default"))
    return text.replace(group, "") if group else text


def wanted(case, locale):
    if case["kind"] == "date":
        moment = datetime.datetime.fromtimestamp(int(case["value"]), datetime.timezone.utc)
        day = moment.astimezone(dates.get_timezone(case["what"])).date()
        return dates.format_date(day, "long", locale=locale)
    return numbers.format_currency(
        Decimal(case["value"]), case["what"], locale=locale, decimal_quantization=False, numbering_system="default")


def is_other_edition(case):
    kind, locale, what = case["kind"], case["locale"], case["what"]
    return any(key in EDITIONS for key in [(kind, locale, what), (kind, locale, None), (kind, None, what)])


def main():
    count, failures, editions = 0, 0, 0
    for line in sys.stdin:
        case = json.loads(line)
        count += 1
        locale = Locale.parse(case["locale"], sep="-")
        written, other = plain(case["written"]), plain(wanted(case, locale))
        if case["kind"] == "money" and len(case["value"].lstrip("-").split(".")[0]) == 4:
            written, other = ungrouped(written, locale), ungrouped(other, locale)
        if written == other:
            continue
        if is_other_edition(case):
            editions += 1
            continue
        failures += 1
        print(f"{case}: Babel writes {other!r}")
    print(f"{count} texts checked, {editions} of another edition, {failures} differences")
    sys.exit(1 if failures or not count else 0)


main()
