"""What Python's mailbox and email read in a mailbox.

    smtp_mailbox.py maildir PATH            every mail in it
    smtp_mailbox.py take PATH MESSAGE_ID    the mails with that Message-ID in an mbox; they are removed from it

Writes a JSON array: for each mail its name, its bytes (base64, CRLF line ends), headers, text and defects.
"""

import base64
import email
import email.policy
import fcntl
import json
import mailbox
import re
import sys
import tempfile


def read(name, raw):
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    defects = [repr(defect) for part in message.walk() for defect in part.defects]
    defects += [repr(defect) for value in message.values() for defect in getattr(value, "defects", [])]
    body = message.get_body(("plain",))
    return {
        "name": name,
        "bytes": base64.b64encode(raw).decode(),
        "headers": [[key, str(value)] for key, value in message.items()],
        "text": body.get_content() if body else None,
        "defects": defects,
    }


def maildir(path):
    box = mailbox.Maildir(path, create=False)
    return [read(key, box.get_bytes(key)) for key in box.keys()]


def take(path, message_id):
    """Holds the lock that dma holds while it delivers, and rewrites the file in place, so that no mail is lost."""
    with open(path, "r+b") as file, tempfile.NamedTemporaryFile() as taken:
        fcntl.flock(file, fcntl.LOCK_EX)
        mails = re.split(rb"(?m)^(?=From )", file.read())
        wanted = re.compile(rb"(?mi)^Message-ID: *" + re.escape(message_id.encode()) + rb"\r?$")
        rest = b"".join(mail for mail in mails if not wanted.search(mail))
        taken.write(b"".join(mail for mail in mails if wanted.search(mail)))
        taken.flush()
        file.seek(0)
        file.write(rest)
        file.truncate()
        file.flush()
        box = mailbox.mbox(taken.name, create=False)
        return [read(str(key), box.get_bytes(key)) for key in box.keys()]


print(json.dumps({"maildir": maildir, "take": take}[sys.argv[1]](*sys.argv[2:])))
