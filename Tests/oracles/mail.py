"""Reads mails with Python's email package and compares them with what they were made of.

Standard input: one JSON object a line, {"mail": base64, "expected": {...}}. Prints one line for each difference and, at
the end, how many mails were checked; exits with 1 if there was a difference.

Python's reader is forgiving, so the bytes are looked at as well: it does not report repeated headers, raw 8-bit bytes,
bare CR or LF, long lines, or broken quoted-printable.
"""

import base64
import email
import email.header
import email.policy
import email.utils
import json
import re
import sys

SINGLE = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted",
    "X-Auto-Response-Suppress", "List-ID", "Content-Type",
]
LIST_ID = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
LONGEST_LINE = 76
LONGEST_UNBREAKABLE_LINE = 998
QUOTED_PRINTABLE = re.compile(rb"(?:[!-<>-~ \t]|=[0-9A-F]{2})*=?")
ENCODED_WORD = re.compile(r"=\?utf-8\?B\?([A-Za-z0-9+/=]*)\?=")


def differences(raw, expected):
    yield from bytes_differences(raw)
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    yield from defects(message)
    yield from header_differences(raw, message, expected)
    yield from body_differences(message, expected)


def bytes_differences(raw):
    if any(byte > 126 for byte in raw):
        yield "a byte that is not ASCII"
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", raw):
        yield "a control character"
    if re.search(rb"\r(?!\n)|(?<!\r)\n", raw):
        yield "a bare CR or LF"
    if not raw.endswith(b"\r\n"):
        yield "the last line has no end"
    header, _, body = raw.partition(b"\r\n\r\n")
    yield from header_bytes_differences(header)
    for line in body.split(b"\r\n"):
        if len(line) > LONGEST_LINE:
            yield f"a line of {len(line)} bytes in the body"


def header_bytes_differences(header):
    lines = header.split(b"\r\n")
    for line in lines:
        if not line.strip():
            yield "a line of white space in the header"
        limit = LONGEST_LINE if b" " in line.split(b": ", 1)[-1].strip() else LONGEST_UNBREAKABLE_LINE
        if len(line) > limit:
            yield f"a header line of {len(line)} bytes: {line!r}"
    names = [line.partition(b":")[0].decode() for line in lines if line[:1] not in (b" ", b"\t")]
    if names != [name for name in SINGLE if name in names]:
        yield f"header fields repeated, unknown or out of order: {names}"
    missing = set(SINGLE) - set(names) - {"Reply-To"}
    if missing:
        yield f"no {', '.join(sorted(missing))}"
    yield from encoded_word_differences(header.decode("latin-1"))


def encoded_word_differences(header):
    for word in ENCODED_WORD.finditer(header):
        source = base64.b64decode(word[1], validate=True)
        if len(word[0]) > 75 or len(source) > 45:
            yield f"an encoded word of {len(source)} bytes in {len(word[0])} characters"
        try:
            source.decode("utf-8")
        except UnicodeDecodeError:
            yield f"an encoded word that cuts a character: {word[0]}"


def defects(message):
    for part in message.walk():
        for defect in part.defects:
            yield f"defect {defect!r}"
        for name, value in part.items():
            for defect in value.defects:
                yield f"defect in {name}: {defect!r}"


def decoded(text):
    return str(email.header.make_header(email.header.decode_header(text)))


def unfolded(raw, name):
    header = raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace").replace("\r\n ", " ")
    for line in header.split("\r\n"):
        if line.startswith(name + ": "):
            return line[len(name) + 2 :]
    return None


def mailbox(text):
    name, address = email.utils.parseaddr(text)
    return [decoded(name) if "=?" in name else name, address]


def header_differences(raw, message, expected):
    for name, key in (("From", "from"), ("To", "to"), ("Reply-To", "reply_to")):
        text = unfolded(raw, name)
        if text is None:
            if expected[key] is not None:
                yield f"no {name}"
            continue
        wanted_name, address = expected[key]
        local, _, domain = address.rpartition("@")
        wanted = [wanted_name or "", f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"]
        if mailbox(text) != wanted:
            yield f"{name}: {mailbox(text)!r} instead of {wanted!r}"
        if [address.addr_spec for address in message[name].addresses] != [wanted[1]]:
            yield f"{name}: {message[name].addresses!r} instead of {wanted[1]!r} alone"
    subject = unfolded(raw, "Subject")
    if (decoded(subject) if "=?" in subject else subject) != expected["subject"]:
        yield f"Subject: {subject!r} instead of {expected['subject']!r}"
    if str(message["Subject"]) != expected["subject"]:
        yield f"Subject: {str(message['Subject'])!r} instead of {expected['subject']!r}"
    if message["Message-ID"].strip() != f"<{expected['message_id']}>":
        yield f"Message-ID: {message['Message-ID']}"
    list_name, list_id = mailbox(unfolded(raw, "List-ID"))
    if not LIST_ID.fullmatch(list_id) or len(list_id) > 255 or not list_name:
        yield f"List-ID: {list_name!r} <{list_id}>"
    if message["Auto-Submitted"] != "auto-generated":
        yield f"Auto-Submitted: {message['Auto-Submitted']}"
    if email.utils.parsedate_to_datetime(message["Date"]).timestamp() != expected["seconds"]:
        yield f"Date: {message['Date']}"


def body_differences(message, expected):
    parts = list(message.iter_parts()) if message.is_multipart() else []
    types = [part.get_content_type() for part in parts]
    if message.get_content_type() != "multipart/alternative" or types != ["text/plain", "text/html"]:
        yield f"parts {types} in {message.get_content_type()}"
        return
    for part, key in zip(parts, ("text", "html")):
        if part.get_content_charset() != "utf-8":
            yield f"{key}: charset {part.get_content_charset()}"
        yield from quoted_printable_differences(key, part.get_payload().encode("ascii", "replace"))
        wanted = re.sub(r"\r\n|\r|\n", "\r\n", expected[key])
        if part.get_payload(decode=True).decode("utf-8", "replace") != wanted:
            yield f"{key}: {part.get_payload(decode=True)!r} instead of {wanted!r}"


def quoted_printable_differences(key, payload):
    for line in payload.split(b"\r\n"):
        if not QUOTED_PRINTABLE.fullmatch(line) or line[-1:] in (b" ", b"\t"):
            yield f"{key}: not quoted-printable: {line!r}"
        if line.startswith((b".", b"From ")):
            yield f"{key}: a line that mail servers change: {line!r}"
    if payload.endswith(b"="):
        yield f"{key}: ends with a soft line break"


def main():
    count, failures = 0, 0
    for line in sys.stdin:
        case = json.loads(line)
        for difference in differences(base64.b64decode(case["mail"]), case["expected"]):
            failures += 1
            print(f"mail {count}: {difference}")
        count += 1
    print(f"{count} mails checked, {failures} differences")
    sys.exit(1 if failures or not count else 0)


main()
