"""The demo: starts an SES-compatible server and nudged, plays the example events, shows the mails, checks the books."""

import collections
import ctypes
import email
import email.policy
import email.utils
import http.client
import json
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import boto3

from expectation import Expectation, Mail, address

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / ".build/release"
EVENTS = ROOT / "examples/events.ndjson"
REGION = "eu-west-1"
STEPS = [4, 10, 16]  # seconds after the checkout
MAX_LATE = 12 * 3600
QUIET = 2  # seconds without a mail after the last one that is owed
PATIENCE = 30  # seconds to wait for mails beyond the last step
SHOPS = {
    "default": "Example Shop <cart@shop.example>",
    "nordlicht": "Nordlicht Hamburg <moin@nordlicht.example>",
    "kissa": "喫茶文具 <cart@kissa-bungu.example>",
    "souk": "سوق السالمية <cart@souk-alsalmiya.example>",
    "chandni-chowk": "Chandni Chowk <hello@chandnichowk.example>",
    "partsbin": "Partsbin Ltd <sales@partsbin.example>",
    "fromagerie": "La Fromagerie du Coin <bonjour@fromagerie-du-coin.example>",
    "ticketeer": "Ticketeer <hold@ticketeer.example>",
}

COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ


class Failed(Exception):
    """The demo did not show what it should; the text says what."""


def paint(code, text):
    return f"\033[{code}m{text}\033[0m" if COLOUR else text


def headline(text):
    print(f"\n{paint('1', '── ' + text)}", flush=True)


# The programs that the demo starts, and stops.


class Stage:
    """Owns the folder and the processes; whatever happens, they end with the demo."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []

    def start(self, name, command, **environment):
        log = open(self.folder / f"{name}.log", "wb")
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env=os.environ | environment, preexec_fn=die_with_parent)
        self.processes.append((name, process))
        return process

    def close(self):
        for _, process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def last_words(self, name):
        return "\n".join((self.folder / f"{name}.log").read_text(errors="replace").splitlines()[-15:])


def die_with_parent():
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def until(what, deadline, ready, process=None):
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if process and process.poll() is not None:
            raise Failed(f"{what}: it ended with status {process.returncode}")
        if ready():
            return
        time.sleep(0.05)
    raise Failed(f"{what}: nothing after {deadline} s")


# The SES-compatible server.


class MailServer:
    def __init__(self, stage):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        moto = pathlib.Path(sys.executable).parent / "moto_server"
        process = stage.start("moto", [moto, "-H", "127.0.0.1", "-p", self.port])
        until("the mail server", 30, self._answers, process)

    def _answers(self):
        try:
            return self._get("/moto-api/data.json") is not None
        except OSError:
            return False

    def _get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as reply:
            return json.load(reply)

    def prepare(self):
        """Makes an account with one key and the shops' domains, and has every signature verified from here on."""
        key = {"aws_access_key_id": "setup", "aws_secret_access_key": "setup", "region_name": REGION,
               "endpoint_url": self.url}
        iam, ses = boto3.client("iam", **key), boto3.client("sesv2", **key)
        iam.create_user(UserName="nudged")
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ses:*", "Resource": "*"}]}
        iam.put_user_policy(UserName="nudged", PolicyName="send", PolicyDocument=json.dumps(policy))
        made = iam.create_access_key(UserName="nudged")["AccessKey"]
        for sender in SHOPS.values():
            ses.create_email_identity(EmailIdentity=sender.rpartition("@")[2].rstrip(">"))
        urllib.request.urlopen(urllib.request.Request(
            self.url + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})).close()
        return made["AccessKeyId"], made["SecretAccessKey"]

    def letters(self):
        """All mails taken so far, oldest first: (the server's name for it, envelope recipients, bytes)."""
        taken = self._get("/moto-api/data.json").get("ses", {}).get("RawMessage", [])
        return [(each["id"], each["destinations"], each["raw_data"]) for each in taken]


# nudged and nudgectl.


class Nudged:
    def __init__(self, stage, server, key):
        self.socket = stage.folder / "nudged.sock"
        self.state = stage.folder / "state"
        self.state.mkdir()
        configuration = stage.folder / "nudged.yaml"
        configuration.write_text(self._yaml(server))
        arguments = ["--config", configuration, "--state", self.state, "--socket", self.socket]
        self.process = stage.start(
            "nudged", [PROGRAMS / "nudged", *arguments], AWS_ACCESS_KEY_ID=key[0], AWS_SECRET_ACCESS_KEY=key[1])
        until("nudged", 30, self._answers, self.process)

    def _yaml(self, server):
        ses = {"region": REGION, "endpoint": server.url}
        shops = {name: {"from": sender, "schedule": [f"{s}s" for s in STEPS]} for name, sender in SHOPS.items()}
        return json.dumps({  # JSON is YAML
            "sender": {"transport": "ses", "rate": 0, "max_in_flight": 8, "ses": ses},
            "retry": {"attempts": 4, "first": "1s", "longest": "2s"}, "shops": shops,
        }, ensure_ascii=False, indent=2)

    def _answers(self):
        try:
            return self.get("/healthz", parse=False) is not None
        except OSError:
            return False

    def get(self, path, parse=True):
        connection = http.client.HTTPConnection("localhost", timeout=10)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.socket))
        try:
            connection.request("GET", path)
            body = connection.getresponse().read()
            return json.loads(body) if parse else body
        finally:
            connection.close()

    def messages(self):
        found, path = [], "/messages?limit=1000"
        while path:
            page = self.get(path)
            found += page["messages"]
            path = f"/messages?limit=1000&after={page['next']}" if page.get("next") else None
        return found

    def explains(self, checkout):
        """True if `nudgectl why` has something to say of it."""
        command = [PROGRAMS / "nudgectl", "--socket", self.socket, "why", checkout.id, "--shop", checkout.shop]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return done.returncode == 0 and checkout.id in done.stdout

    def ctl(self, *arguments, stdin=None):
        """Runs nudgectl and shows it, as one would type it."""
        print(paint("36", f"$ {'echo … | ' if stdin else ''}nudgectl {shlex.join(arguments)}"), flush=True)
        done = subprocess.run(
            [PROGRAMS / "nudgectl", "--socket", self.socket, *arguments], input=stdin, text=True,
            stdin=None if stdin else subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise Failed(f"nudgectl {arguments[0]} ended with status {done.returncode}")


# What arrives.


class Post:
    """Follows the mail server and shows each mail once."""

    def __init__(self, server):
        self.server = server
        self.began = time.monotonic()
        self.letters = []
        self.last_news = time.monotonic()

    def look(self):
        letters = self.server.letters()
        for letter in letters[len(self.letters):]:
            self._show(letter)
            self.last_news = time.monotonic()
        self.letters = letters

    def follow(self, enough, deadline):
        """Until `enough()`, or until the deadline has passed; true if it was enough."""
        while time.monotonic() < deadline:
            self.look()
            if enough():
                return True
            time.sleep(0.25)
        return False

    def _show(self, letter):
        mail = email.message_from_string(letter[2], policy=email.policy.SMTP)
        clock = time.strftime("%H:%M:%S")
        since = f"{time.monotonic() - self.began:5.1f} s"
        to = mail["To"].addresses[0].addr_spec
        print(f"  {paint('2', clock)} {paint('2', since)}  {to:34.34}  {mail['Subject']}", flush=True)


def received(post, nudged):
    """The mails as the server has them, named by what nudged's ledger says of the hand-over with that provider id."""
    named = {}
    for message in nudged.messages():
        for attempt in message["attempts"]:
            if attempt.get("provider_id"):
                named[attempt["provider_id"]] = message
    mails = collections.Counter()
    for identifier, destinations, raw in post.letters:
        mail = email.message_from_string(raw, policy=email.policy.SMTP)
        defects = [defect for part in mail.walk() for defect in part.defects]
        if defects:
            raise Failed(f"a mail has defects: {defects}")
        envelope = {address(to) for _, to in email.utils.getaddresses(destinations)}
        if envelope != {address(a.addr_spec) for a in mail["To"].addresses}:
            raise Failed(f"envelope and header disagree: {destinations} and {mail['To']}")
        message = named.get(identifier)
        if message is None:
            raise Failed(f"the server took a mail that nudged's ledger does not know: {mail['Subject']}")
        is_order = message["kind"] == "order"
        about = message.get("order_id") if is_order else message["checkout_id"]
        step = None if is_order else message["step"]
        mails[Mail(message["shop"], address(destinations[0]), message["kind"], step, about)] += 1
    return mails


# The play.


def choose(books):
    """Two open checkouts to order and one to leave, of shoppers who have but one."""
    per_shopper = collections.Counter(address(c.email) for c in books.checkouts.values())
    def first(shop):
        return next(c for c in books.open_checkouts() if c.shop == shop and "name" in c.event
                    and per_shopper[address(c.email)] == 1 and "occurred_at" not in c.event)
    return first("nordlicht"), first("kissa"), first("fromagerie")


def play(stage):
    headline("An SES-compatible server that verifies every signature, and nudged")
    server = MailServer(stage)
    nudged = Nudged(stage, server, server.prepare())
    print(f"reminders {', '.join(f'{s} s' for s in STEPS)} after a checkout; mail goes to {server.url}")

    headline(f"{sum(1 for _ in EVENTS.open())} events of {len(SHOPS)} shops")
    books = Expectation(STEPS, MAX_LATE)
    post = Post(server)
    told = time.time()
    nudged.ctl("import", str(EVENTS.relative_to(ROOT)))
    imported = time.monotonic()
    for number, line in enumerate(EVENTS.open()):
        books.tell(json.loads(line), now=told + number / 1e6)
    one, two, lost = choose(books)

    headline("The mails, as they arrive")
    first_step = sum(1 for c in books.open_checkouts() if 1 in books.reminder_steps(c, told))
    answers = sum(1 for o in books.orders.values() if o.answered)
    if not post.follow(lambda: len(post.letters) >= first_step + answers, imported + STEPS[1] - 1):
        raise Failed(f"{len(post.letters)} mails before the second step, {first_step + answers} were owed")

    headline("Two shoppers come back and order")
    for checkout in (one, two):
        books.saw_reminder(checkout, 1)
    flags = ["--shop", one.shop, "--id", "NL-2026-90001", "--checkout", one.id, "--email", one.email]
    nudged.ctl("order", *flags)
    event = {"shop": two.shop, "order_id": "9026001", "checkout_id": two.id, "email": two.email}
    nudged.ctl("order", "-", stdin=json.dumps(event))
    books.tell({"type": "order", "shop": one.shop, "order_id": "NL-2026-90001", "checkout_id": one.id,
                "email": one.email}, now=time.time())
    books.tell({"type": "order"} | event, now=time.time())

    headline("The mails go on, but not to those two")
    owed = books.mails(told)
    post.follow(lambda: len(post.letters) >= sum(owed.values()), imported + STEPS[-1] + PATIENCE)
    post.follow(lambda: time.monotonic() > max(post.last_news, imported + STEPS[-1]) + QUIET, time.monotonic() + PATIENCE)

    headline(f"Why? One that came back: {one.event['name']}")
    nudged.ctl("why", one.id, "--shop", one.shop)
    headline(f"Why? One that did not: {lost.event['name']}")
    nudged.ctl("why", lost.id, "--shop", lost.shop)
    unexplained = [checkout.id for checkout in books.checkouts.values() if not nudged.explains(checkout)]
    if unexplained:
        raise Failed(f"nudgectl why has no answer for {', '.join(unexplained)}")
    print(f"\n… and so for each of the {len(books.checkouts)} checkouts.")
    ask_the_database(nudged)
    settle(books, owed, received(post, nudged), post.last_news - post.began)


def ask_the_database(nudged):
    headline("The database answers as well")
    query = "SELECT state, count(*) AS checkouts FROM checkouts GROUP BY state ORDER BY state"
    print(paint("36", f"$ sqlite3 -readonly -box nudged.db '{query}'"), flush=True)
    done = subprocess.run(["sqlite3", "-readonly", "-box", nudged.state / "nudged.db", query], check=False)
    if done.returncode != 0:
        raise Failed("sqlite3 could not read the database")


def settle(books, owed, got, seconds):
    headline("Summary")
    states = collections.Counter(c.state for c in books.checkouts.values())
    print(f"checkouts     {len(books.checkouts)}: {states['open']} open, {states['ordered']} ordered, "
          f"{states['cancelled']} emptied")
    print(f"{'':12}  {'owed':>5}  {'arrived':>7}")
    for kind, step in [*(("reminder", n) for n in range(1, len(STEPS) + 1)), ("order", None)]:
        counts = [sum(n for m, n in mails.items() if (m.kind, m.step) == (kind, step)) for mails in (owed, got)]
        print(f"{kind + (f' {step}' if step else ''):12}  {counts[0]:5}  {counts[1]:7}")
    for words, mails in (("owed, but not sent", owed - got), ("sent, but not owed", got - owed)):
        for mail, count in mails.items():
            print(f"{words}: {count} × {mail.kind} {mail.step or ''} of {mail.subject_of} to {mail.recipient}")
    if owed != got:
        raise Failed("what was sent is not what was owed")
    print(paint("32", f"{sum(got.values())} mails in {seconds:.0f} s: all that were owed, none twice, none after an order."))


def main():
    stage = Stage(pathlib.Path(sys.argv[1]))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        play(stage)
        return 0
    except Failed as failure:
        print(f"\ndemo: {failure}", file=sys.stderr)
        if (stage.folder / "nudged.log").exists():
            print(f"nudged's last words:\n{stage.last_words('nudged')}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        stage.close()


if __name__ == "__main__":
    sys.exit(main())
