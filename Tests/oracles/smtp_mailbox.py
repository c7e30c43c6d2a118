"""What Python's mailbox and email read in a mailbox.

    smtp_mailbox.py maildir PATH            every mail in it
    smtp_mailbox.py take PATH MESSAGE_ID    the mails with that Message-ID in an mbox; they are removed from it

Writes a JSON array: for each mail its name, its bytes (base64, CRLF line ends), headers, text and defects.
"""

import base64
import email
import email.policy
import json
import mailbox
import sys


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
    box = mailbox.mbox(path, create=False)
    box.lock()
    try:
        keys = [key for key, message in box.items() if message["Message-ID"] == message_id]
        mails = [read(str(key), box.get_bytes(key)) for key in keys]
        for key in keys:
            box.remove(key)
        box.flush()
        return mails
    finally:
        box.unlock()


print(json.dumps({"maildir": maildir, "take": take}[sys.argv[1]](*sys.argv[2:])))
