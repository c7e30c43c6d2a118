"""Compares what the shop was promised and what the mail server got with nudged's ledger.

Written from the public contract; of nudged it knows the tables that people with a sqlite3 shell see.
"""

import email.parser
import pathlib
import re
import sqlite3
from collections import Counter

FINAL = {"sent", "unknown", "cancelled", "skipped"}
# How far two readings of the clock of one machine may lie apart, in seconds.
GRAIN = 0.002


class Judge:
    def __init__(self, world, database):
        self.world = world
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        read = lambda query: [dict(row) for row in connection.execute(query)]  # noqa: E731
        self.checkouts = {row["checkout_id"]: row for row in read("SELECT * FROM checkout")}
        self.orders = {row["order_id"]: row for row in read("SELECT * FROM shop_order")}
        self.messages = {row["id"]: row for row in read("SELECT * FROM message")}
        self.attempts = {row["id"]: row for row in read("SELECT * FROM attempt")}
        self.instance = read("SELECT value FROM meta WHERE name = 'instance'")[0]["value"]
        self.integrity = [row["integrity_check"] for row in read("PRAGMA integrity_check")]
        connection.close()
        self.findings = {kind: [] for kind in ("lost", "doubled", "early", "after_order", "stray", "damaged")}

    def verdict(self, steps, maildir=None, stepped=False, smtp=False):
        """With SMTP and in a folder of mails nobody says which attempt a mail came by."""
        if self.integrity != ["ok"]:
            self.find("damaged", *self.integrity)
        hand_overs = self.world.hand_overs if maildir is None else mails(maildir)
        has_attempts = maildir is None and not smtp
        self.judge_events()
        # What SMTP clearly refuses to take was not handed over, and is sent again; an error of SES says nothing.
        self.judge_hand_overs([h for h in hand_overs if h.taken or has_attempts], has_attempts)
        self.judge_ledger(hand_overs, has_attempts)
        if maildir is None:
            self.judge_orders(hand_overs)
            if not stepped:
                self.judge_times(hand_overs, steps)
        receipts = Counter(hand_over.message for hand_over in hand_overs)
        return self.findings | {
            "oddities": self.world.oddities,
            "numbers": self.world.numbers
            | {
                "hand_overs": len(hand_overs),
                "resent": sum(1 for count in receipts.values() if count > 1),
                "unknown": sum(1 for row in self.attempts.values() if row["outcome"] == "unknown"),
                "collapsed": sum(1 for row in self.messages.values() if row["reason"] == "collapsed"),
                "reminders_received": sum(1 for message in receipts if self.is_reminder(message)),
                "attempts": len(self.attempts),
            },
        }

    def find(self, kind, *what):
        self.findings[kind].extend(what)

    def number(self, message_id):
        """Of a message, from its Message-ID; None if it is not from this database."""
        match = re.fullmatch(rf"m(\d+)\.{self.instance}@.*", message_id)
        return int(match[1]) if match else None

    def is_reminder(self, message_id):
        row = self.messages.get(self.number(message_id))
        return row is not None and row["step"] is not None

    # What was acknowledged is there, and came to its end

    def judge_events(self):
        reminders = {}
        for row in self.messages.values():
            if row["state"] not in FINAL:
                self.find("lost", f"m-{row['id']} is {row['state']} ({row['reason']}) after all is over")
            if row["step"] is not None:
                reminders.setdefault(row["checkout"], []).append(row)
        order_messages = {row["shop_order"]: row for row in self.messages.values() if row["shop_order"]}
        for shopper in self.world.shoppers.values():
            if shopper.checkout_acknowledged is not None:
                self.judge_checkout(shopper, reminders)
            if shopper.order_acknowledged is not None:
                self.judge_order(shopper, order_messages)

    def judge_checkout(self, shopper, reminders):
        row = self.checkouts.get(shopper.checkout)
        if row is None:
            return self.find("lost", f"{shopper.checkout} was acknowledged and is not there")
        if row["generation"] < shopper.generation:
            self.find("lost", f"{shopper.checkout} has lost a change")
        if shopper.order_said is not None:
            return
        own = [r for r in reminders.get(row["id"], []) if r["generation"] == row["schedule_generation"]]
        last = max(own, key=lambda r: r["step"], default=None)
        if last is None or last["state"] not in ("sent", "unknown"):
            self.find("lost", f"{shopper.checkout} was not reminded: {last and (last['state'], last['reason'])}")

    def judge_order(self, shopper, order_messages):
        row = self.orders.get(shopper.order)
        if row is None:
            return self.find("lost", f"{shopper.order} was acknowledged and is not there")
        checkout = self.checkouts.get(shopper.checkout)
        if checkout is not None and checkout["state"] != "ordered":
            self.find("lost", f"{shopper.order} did not end {shopper.checkout}: {checkout['state']}")
        message = order_messages.get(row["id"])
        if message is None or message["state"] != "sent":
            self.find("lost", f"{shopper.order} got no order message: {message and message['state']}")

    # What the mail server got

    def judge_hand_overs(self, hand_overs, has_attempts):
        receipts = Counter()
        for hand_over in hand_overs:
            number = self.number(hand_over.message)
            row = self.messages.get(number)
            if row is None:
                self.find("stray", f"{hand_over.message} is no message of the ledger")
                continue
            receipts[number] += 1
            attempt = self.attempts.get(int(hand_over.attempt.split("-")[1])) if has_attempts else None
            if has_attempts and (attempt is None or attempt["message"] != number):
                self.find("stray", f"{hand_over.attempt} of m-{number} has no row in the ledger")
        if has_attempts:
            for attempt, count in Counter(h.attempt for h in hand_overs).items():
                if count > 1:
                    self.find("doubled", f"{attempt} was handed over {count} times")
        unknown = Counter(row["message"] for row in self.attempts.values() if row["outcome"] == "unknown")
        for number, count in receipts.items():
            is_reminder = self.messages[number]["step"] is not None
            allowed = 1 if is_reminder else 1 + unknown[number]
            if count > allowed:
                self.find("doubled", f"m-{number} reached the server {count} times, {allowed} allowed")

    def judge_ledger(self, hand_overs, has_attempts):
        """What the ledger calls accepted was taken; what it calls not taken was not."""
        if has_attempts:
            got = {int(h.attempt.split("-")[1]): h.taken for h in hand_overs}
            outcome = lambda row: got.get(row["id"])  # noqa: E731
        else:
            taken = {self.number(h.message) for h in hand_overs if h.taken}
            outcome = lambda row: row["message"] in taken or None  # noqa: E731
        for row in self.attempts.values():
            if row["outcome"] is None:
                self.find("lost", f"attempt {row['id']} of m-{row['message']} was never settled")
            if row["outcome"] == "accepted" and not outcome(row):
                self.find("lost", f"m-{row['message']} counts as accepted and never came")
            if has_attempts and row["outcome"] in ("withdrawn", "render_failed") and outcome(row) is not None:
                self.find("stray", f"m-{row['message']} counts as {row['outcome']} and was handed over")

    def judge_orders(self, hand_overs):
        """Once an order is acknowledged no reminder begins, but for those that the answer named as in flight."""
        later = Counter()
        for hand_over in hand_overs:
            shopper = self.world.by_address.get(hand_over.recipient)
            if shopper is None or shopper.order_acknowledged is None or not self.is_reminder(hand_over.message):
                continue
            later[shopper.number] += hand_over.at > shopper.order_acknowledged
        for number, count in later.items():
            shopper = self.world.shoppers[number]
            if count > shopper.reminders_in_flight:
                self.find("after_order", f"{count} reminders of {shopper.checkout} after {shopper.order}")

    def judge_times(self, hand_overs, steps):
        for hand_over in hand_overs:
            row = self.messages.get(self.number(hand_over.message))
            shopper = self.world.by_address.get(hand_over.recipient)
            if row is None or row["step"] is None or shopper is None:
                continue
            due = min(row["due_at"], row["first_due_at"] or row["due_at"]) / 1_000
            due = max(due, shopper.said + steps[row["step"] - 1])
            if hand_over.wall < due - GRAIN:
                self.find("early", f"{hand_over.message} came {due - hand_over.wall:.3f} s early")


class Mail:
    taken = True

    def __init__(self, path):
        with open(path, "rb") as file:
            headers = email.parser.BytesHeaderParser().parse(file)
        self.message = headers["Message-ID"].strip().strip("<>")
        self.recipient = headers["To"].strip()


def mails(maildir):
    """A mail is in `new` as a whole; what lies in `tmp` is none."""
    new = pathlib.Path(maildir) / "new"
    return [Mail(path) for path in sorted(new.iterdir())] if new.exists() else []
