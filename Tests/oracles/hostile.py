"""Clients that nobody wants: attacks a running nudged, and measures what another client notices of it.

usage: hostile.py ATTACK SOCKET PID [SIZE]

While the attack runs, a process of its own posts a checkout on a new connection again and again. Prints one JSON object:
what that client met, what nudged's memory and descriptors were before, meanwhile and afterwards, and what the attack
itself saw. SIZE is how many connections, or MiB, or lines: whatever the attack counts in. An attack that does not come to
an end is given up after LIMIT seconds: it says where it stood, and exits with 1.
"""

import asyncio
import faulthandler
import json
import multiprocessing
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time

ATTACKS = {}
PID = 0
LIMIT = 600
SERVED = multiprocessing.Value("l")  # what the other client has had
EVENTS = "POST /events HTTP/1.1\r\nHost: n\r\nContent-Type: application/x-ndjson\r\n"
CHECKOUT = "POST /checkout HTTP/1.1\r\nHost: n\r\nContent-Type: application/json\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"
PIECE = 1 << 16


def attack(function):
    ATTACKS[function.__name__] = function
    return function


# MARK: What nudged uses


def memory(pid):
    """KiB of memory that no file is behind, and the most that was ever resident."""
    fields = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status"))
    return int(fields["RssAnon"].split()[0]), int(fields["VmHWM"].split()[0])


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# MARK: The other client


def patient_socket():
    """Waits in the backlog for a minute: one with Python's own timeouts, or asyncio's, fails at once if that is full."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
        client.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", 60, 0))
    return client


def post(path, number, prefix):
    """Posts one checkout on a connection of its own; returns the status and how long it took."""
    body = json.dumps({"checkout_id": f"{prefix}-{number}", "email": f"{prefix}-{number}@example.com"})
    began = time.monotonic()
    client = patient_socket()
    try:
        client.connect(path)
        client.sendall(f"{CHECKOUT}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        status = int(client.recv(4096).split(b" ")[1])
    except (OSError, IndexError) as error:
        status = type(error).__name__
    client.close()
    return status, time.monotonic() - began


def witness(path, pid, comes_again, stop, begun, results):
    """Posts until it is told to stop, or the attack is gone. With `comes_again`, it is prepared to be sent away before it
    is heard."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    attack = os.getppid()
    times, refused, peak, log = [], [], 0, 0
    write_ahead = os.path.join(os.path.dirname(path), "state", "nudged.db-wal")
    while not stop.is_set() and os.getppid() == attack:
        status, took = post(path, len(times), f"w{os.getpid()}")
        if comes_again and status == "IndexError":
            continue
        times.append(took)
        SERVED.value += 1
        if status != 202:
            refused.append(status)
        try:
            peak = max(peak, memory(pid)[0])
        except (OSError, KeyError):
            refused.append("nudged is gone")
            break
        if os.path.exists(write_ahead):
            log = max(log, os.path.getsize(write_ahead))
        begun.set()
        time.sleep(0.005)
    begun.set()
    times.sort()
    results.put(
        {
            "posts": len(times),
            "refused": len(refused),
            "refused_with": sorted({str(status) for status in refused}),
            "median_ms": round(times[len(times) // 2] * 1000, 1),
            "p99_ms": round(times[len(times) * 99 // 100] * 1000, 1),
            "worst_ms": round(times[-1] * 1000, 1),
            "peak_kib": peak,
            "log_kib": log >> 10,
        }
    )


# MARK: Parts of attacks


class Raw(asyncio.Protocol):
    """A connection that keeps the beginning of what comes back, counts the bytes, and knows when it was closed."""

    def __init__(self):
        self.received = bytearray()
        self.count = 0
        self.writable = asyncio.Event()
        self.writable.set()

    def connection_made(self, transport):
        self.transport = transport
        self.began = time.monotonic()
        self.closed = asyncio.get_running_loop().create_future()

    def data_received(self, data):
        self.count += len(data)
        if len(self.received) < PIECE:
            self.received += data

    def eof_received(self):
        return False

    def pause_writing(self):
        self.writable.clear()

    def resume_writing(self):
        self.writable.set()

    def connection_lost(self, error):
        self.writable.set()
        if not self.closed.done():
            self.closed.set_result(time.monotonic() - self.began)

    @property
    def status(self):
        return int(self.received.split(b" ", 2)[1]) if self.received.startswith(b"HTTP/") else None

    async def send(self, data):
        await self.writable.wait()
        if self.closed.done():
            return False
        self.transport.write(data.encode() if isinstance(data, str) else data)
        return True

    async def answer(self):
        while self.status is None and not self.closed.done():
            await asyncio.sleep(0.01)
        return self.status


async def connected(path):
    client = patient_socket()
    await asyncio.to_thread(client.connect, path)
    return (await asyncio.get_running_loop().create_unix_connection(Raw, sock=client))[1]


async def crowd(path, count):
    return [await connected(path) for _ in range(count)]


def statuses(clients):
    found = {}
    for client in clients:
        found[str(client.status)] = found.get(str(client.status), 0) + 1
    return found


def leave(clients):
    for client in clients:
        client.transport.abort()


async def ended(clients, seconds):
    """Waits until nudged has closed all; how many it did, and how long it took over the slowest."""
    await asyncio.wait([client.closed for client in clients], timeout=seconds)
    times = [client.closed.result() for client in clients if client.closed.done()]
    return {"closed": len(times), "of": len(clients), "slowest_s": round(max(times, default=0), 1)}


async def flood(path, head, pieces, seconds=60):
    """Sends `head` and then pieces, until nudged hangs up or there are none left; returns the connection."""
    client = await connected(path)
    client.sent = 0
    until = time.monotonic() + seconds
    await client.send(head)
    for piece in pieces:
        if time.monotonic() > until or not await client.send(piece):
            break
        client.sent += len(piece)
        await asyncio.sleep(0)
    await client.writable.wait()
    return client


def megabytes(size, piece):
    return (piece for _ in range(size * (1 << 20) // len(piece)))


# MARK: Clients that hardly move


@attack
async def slow(path, size):
    """One byte a second, in each place where a client can be slow, and heads and bodies that never end."""
    starts = [
        "GET /healthz HTTP/1.1\r\nHost: n\r\nX-Slow: ",
        CHECKOUT + "Content-Length: 1000\r\n\r\n",
        CHECKOUT + CHUNKED,
        "G",
    ]
    clients = []
    for number in range(size):
        client = await connected(path)
        await client.send(starts[number % len(starts)])
        clients.append(client)
    end = time.monotonic() + 13
    while time.monotonic() < end and not all(client.closed.done() for client in clients):
        for number, client in enumerate(clients):
            await client.send("1\r\nx\r\n" if number % len(starts) == 2 else "x")
        await asyncio.sleep(1)
    result = await ended(clients, 5)
    leave(clients)
    return result


@attack
async def slow_streams(path, size):
    """Streams of events that go on for as long as they like, a byte a second."""
    clients = await crowd(path, size)
    for client in clients:
        await client.send(EVENTS + CHUNKED)
    until = time.monotonic() + 60
    rounds = 0
    while rounds < 5 or (statuses(clients).get("503", 0) < size - 16 and time.monotonic() < until):
        for client in clients:
            await client.send("1\r\nx\r\n")
        await asyncio.sleep(1)
        rounds += 1
    result = {"answers": statuses(clients)}
    leave(clients)
    return result


@attack
async def idle(path, size):
    """Connections that have asked once, and now do nothing."""
    clients = []
    for _ in range(size):
        client = await connected(path)
        await client.send("GET /healthz HTTP/1.1\r\nHost: n\r\n\r\n")
        clients.append(client)
    await asyncio.sleep(3)
    result = {"answers": statuses(clients), "still_open": sum(not client.closed.done() for client in clients)}
    leave(clients)
    return result


@attack
async def exhausted(path, size):
    """More clients than there are descriptors, on a daemon that has but a few left: each asks once and stays."""
    limits = resource.prlimit(PID, resource.RLIMIT_NOFILE)
    few = descriptors(PID) + 8
    resource.prlimit(PID, resource.RLIMIT_NOFILE, (few, limits[1]))
    clients = await crowd(path, size)
    request = "GET /healthz HTTP/1.1\r\nHost: n\r\n\r\n"
    for client in clients:
        await client.send(request)
    for number in range(size):
        while await clients[number].answer() is None:  # sent away before it was heard: comes again
            clients[number] = await connected(path)
            await clients[number].send(request)
    resource.prlimit(PID, resource.RLIMIT_NOFILE, limits)
    result = {"answers": statuses(clients), "sent_away": sum(client.closed.done() for client in clients)}
    leave(clients)
    return result


@attack
async def mute(path, size):
    """Connections that never say a word."""
    clients = await crowd(path, size)
    await asyncio.sleep(3)
    result = {"still_open": sum(not client.closed.done() for client in clients)}
    leave(clients)
    return result


@attack
async def deaf(path, size):
    """Clients that ask for long lists, again and again, and never read an answer."""
    body = "".join(
        json.dumps({"type": "checkout", "checkout_id": f"deaf-{n}", "email": f"deaf-{n}@example.com", "name": "x" * 200})
        + "\n"
        for n in range(1000)
    )
    await flood(path, EVENTS + f"Content-Length: {len(body)}\r\n\r\n", [body.encode()])
    await asyncio.sleep(2)
    clients = await crowd(path, size)
    for client in clients:
        client.transport.pause_reading()
        await client.send("GET /messages?limit=1000 HTTP/1.1\r\nHost: n\r\n\r\n" * 20)
    await asyncio.sleep(6)
    for client in clients:
        client.transport.resume_reading()
    await asyncio.sleep(0.5)
    result = {"answers": statuses(clients)}
    leave(clients)
    return result


@attack
async def half_closed(path, size):
    """Clients that say that nothing more comes, in every place, and stay."""
    starts = [
        "",
        "GET /healthz HTTP/1.1\r\nHo",
        "GET /healthz HTTP/1.1\r\nHost: n\r\n\r\n",
        CHECKOUT + "Content-Length: 1000\r\n\r\n{",
        EVENTS + CHUNKED + "1\r\nx\r\n",
        "GET /healthz HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n",
        "nonsense\r\n\r\n",
    ]
    clients = []
    for number in range(size):
        client = await connected(path)
        start = starts[number % len(starts)]
        if start:
            await client.send(start)
        client.transport.write_eof()
        clients.append(client)
    result = await ended(clients, 20)
    result["answers"] = statuses(clients)
    leave(clients)
    return result


@attack
async def lingering(path, size):
    """Clients that were told goodbye, and neither leave nor stop talking."""
    starts = [
        "GET /healthz HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n" + "GET /healthz HTTP/1.1\r\nHost: n\r\n\r\n" * 3,
        "nonsense\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: n\r\n\r\nnonsense\r\n\r\n",
    ]
    plain = []
    for number in range(size):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.connect(path)
        client.sendall(starts[number % len(starts)].encode())
        client.settimeout(20)
        plain.append(client)

    def hung_up(client):
        # Readable and at its end on both sides: the other has closed, rather than stopped talking.
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                client.send(b"x", socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)
            except BlockingIOError:
                pass
            except OSError:
                return True
            time.sleep(0.2)
        return False

    closed = 0
    for client in plain:
        closed += await asyncio.to_thread(hung_up, client)
        client.close()
    return {"closed": closed, "of": size}


@attack
async def vanishing(path, size):
    """Clients that vanish in the middle of whatever they do."""
    starts = [
        "GET /healthz HTTP/1.1\r\nHost: n\r\nX: ",
        "GET /messages?limit=1000 HTTP/1.1\r\nHost: n\r\n\r\n",
        CHECKOUT + "Content-Length: 100000\r\n\r\n" + "x" * 50000,
        EVENTS + CHUNKED + "1000\r\n",
        "GET /status HTTP/1.1\r\nHost: n\r\n\r\n" * 50,
    ]
    for number in range(size):
        client = await connected(path)
        await client.send(starts[number % len(starts)])
        if number % 2:
            await asyncio.sleep(0)
        client.transport.abort()
    return {"vanished": size}


# MARK: Garbage


@attack
async def garbage(path, size):
    """MiB of garbage of every sort, one after the other."""
    line = b"x" * PIECE
    noise = os.urandom(PIECE)
    tiny = b"1;extension=of-a-chunk\r\nx\r\n" * 2000
    cases = {
        "noise": ("", megabytes(size, noise)),
        "endless_target": ("GET /", megabytes(size, line)),
        "endless_header": ("GET / HTTP/1.1\r\nHost: n\r\nX: ", megabytes(size, line)),
        "endless_headers": ("GET / HTTP/1.1\r\nHost: n\r\n", megabytes(size, b"X-A: 1\r\n" * 4000)),
        "noise_as_events": (EVENTS + f"Content-Length: {size << 20}\r\n\r\n", megabytes(size, noise)),
        "one_line_as_events": (EVENTS + f"Content-Length: {size << 20}\r\n\r\n", megabytes(size, line)),
        "announced": (CHECKOUT + f"Content-Length: {size << 20}\r\n\r\n", megabytes(size, line)),
        "chunked": (CHECKOUT + CHUNKED, megabytes(size, b"10000\r\n" + line + b"\r\n")),
        "tiny_chunks": (EVENTS + CHUNKED, megabytes(max(size // 16, 1), tiny)),
        "endless_extension": (EVENTS + CHUNKED + "1;x=", megabytes(size, line)),
        "endless_trailers": (EVENTS + CHUNKED + "0\r\n", megabytes(size, b"X-A: 1\r\n" * 4000)),
        "endless_array": (CHECKOUT + CHUNKED, megabytes(size, b"10000\r\n" + b"[" + b"1," * 32767 + b"1\r\n")),
    }
    result = {}
    for name, (head, pieces) in cases.items():
        began = time.monotonic()
        client = await flood(path, head, pieces)
        if not client.closed.done() and client.transport.can_write_eof():
            client.transport.write_eof()
        try:
            await asyncio.wait_for(client.answer(), 60)
        except asyncio.TimeoutError:
            pass
        result[name] = {
            "sent_mib": round(client.sent / (1 << 20), 1), "answer": client.status,
            "seconds": round(time.monotonic() - began, 1),
        }
        leave([client])
    return result


@attack
async def costly(path, size):
    """Bodies of 1 MiB that take much more than that to understand, from several clients at once."""
    full = (1 << 20) - 200
    begin = '{"checkout_id": "c", "email": "a@example.com", '
    bodies = [
        begin + '"metadata": [' + ",".join(["[0]"] * (full // 4 - 40)) + "]}",
        begin + '"metadata": ' + "[" * 60 + ",".join(["{}"] * (full // 3 - 100)) + "]" * 60 + "}",
        begin + ",".join(f'"{n:x}":0' for n in range(100_000)) + "}",
        begin + '"items": [' + ",".join(['{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}'] * 25_000) + "]}",
        "[" * full,
        begin + '"metadata": "' + "\\u00e9" * (full // 6 - 40) + '"}',
    ]
    clients = []
    for number in range(size):
        body = bodies[number % len(bodies)]
        client = await connected(path)
        await client.send(CHECKOUT + f"Content-Length: {len(body)}\r\n\r\n" + body)
        clients.append(client)
    for client in clients:
        await asyncio.wait_for(client.answer(), 120)
    longest = max(len(client.received) for client in clients)
    result = {"answers": statuses(clients), "longest_answer": longest}
    leave(clients)
    return result


@attack
async def held_bodies(path, size):
    """Bodies of nearly 1 MiB that all but end."""
    clients = await crowd(path, size)
    body = b" " * ((1 << 20) - 1)
    for client in clients:
        await client.send((CHECKOUT + f"Content-Length: {1 << 20}\r\n\r\n").encode() + body)
    await asyncio.sleep(4)
    result = {"answers": statuses(clients)}
    leave(clients)
    return result


@attack
async def pipelined(path, size):
    """Very many requests in one go from each of many connections, until another client was served often meanwhile."""
    each, wanted = 20_000, 40
    clients = await crowd(path, size)
    request = "GET /healthz HTTP/1.1\r\nHost: n\r\n\r\n"
    for client in clients:
        await client.send(request)
        await client.answer()
        client.length = client.count  # of one answer
    before = SERVED.value
    for client in clients:
        client.count = 0
        await client.send(request * each)

    def unanswered():
        return sum(each - client.count // client.length for client in clients)

    while SERVED.value < before + wanted and unanswered() > 0 and not any(client.closed.done() for client in clients):
        await asyncio.sleep(0.01)
    result = {"served": SERVED.value - before, "wanted": wanted, "unanswered": unanswered(), "of": size * each}
    leave(clients)
    return result


@attack
async def pipelined_behind(path, size):
    """Requests and tiny chunks piled up behind a request that is under way."""
    clients = await crowd(path, size)
    piled = b"GET /nowhere HTTP/1.1\r\n\r\n" * 2500
    tiny = (CHECKOUT + CHUNKED).encode() + b"1\r\nx\r\n" * 12000
    for number, client in enumerate(clients):
        await client.send(b"GET /messages?limit=1000&email=nobody@example.com HTTP/1.1\r\nHost: n\r\n\r\n")
        await client.send(piled if number % 2 else tiny)
        if number % 4 < 2:  # then all that was sent is read at once
            client.transport.write_eof()
    await asyncio.sleep(5)
    result = {"answers": statuses(clients)}
    leave(clients)
    return result


@attack
async def rejections(path, size):
    """Lines that have very much wrong with them."""
    line = json.dumps({"type": "checkout", "items": [{"nmae": "x", "qty": -1, "prcie": "y"}] * 500}) + "\n"
    client = await flood(path, EVENTS + CHUNKED, (f"{len(line):x}\r\n{line}\r\n".encode() for _ in range(size)))
    await client.send("0\r\n\r\n")
    await asyncio.wait_for(client.answer(), 120)
    result = {"answers": statuses([client])}
    leave([client])
    return result


# MARK: Imports


def event(number):
    kind = number % 10
    if kind == 9:  # each tenth is the order of the checkout before
        return f'{{"type": "order", "order_id": "i-{number}", "checkout_id": "i-{number - 1}"}}\n'
    return (
        f'{{"type": "checkout", "checkout_id": "i-{number}", "email": "shopper-{number}@example.com", '
        f'"name": "Shopper {number}", "items": [{{"name": "Mug", "quantity": 2, "price": "12.50"}}], "total": "25.00", '
        f'"currency": "EUR"}}\n'
    )


def batches(count, size=500):
    """Lines in batches, and on a terminal or in a log how far they are."""
    began = told = time.monotonic()
    for first in range(0, count, size):
        yield "".join(event(number) for number in range(first, min(first + size, count))).encode()
        if time.monotonic() - told > 5:
            told = time.monotonic()
            done = first + size
            print(f"{done:,} of {count:,} lines, {done / (told - began):,.0f}/s", file=sys.stderr, flush=True)


@attack
async def events(path, size):
    """A long stream of good events from a writer that is faster than nudged."""
    client = await connected(path)
    await client.send(EVENTS + CHUNKED)
    for batch in batches(size):
        await client.send(f"{len(batch):x}\r\n".encode() + batch + b"\r\n")
    await client.send("0\r\n\r\n")
    await client.answer()
    reply = bytes(client.received)
    leave([client])
    return {"status": client.status, "reply": json.loads(reply[reply.index(b"\r\n\r\n") :])}


@attack
async def slow_writer(path, size):
    """A stream of good events from a writer that is slower than nudged."""
    client = await connected(path)
    await client.send(EVENTS + CHUNKED)
    for batch in batches(size, 20):
        await client.send(f"{len(batch):x}\r\n".encode() + batch + b"\r\n")
        await asyncio.sleep(0.05)
    await client.send("0\r\n\r\n")
    await client.answer()
    reply = bytes(client.received)
    leave([client])
    return {"status": client.status, "reply": json.loads(reply[reply.index(b"\r\n\r\n") :])}


def fed(path, size):
    """Runs `nudgectl import -` and feeds it; what it printed, how it ended, and the most memory that it had."""
    program = os.environ["NUDGECTL"]
    process = subprocess.Popen(
        [program, "--socket", path, "--json", "import", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for batch in batches(size):
        process.stdin.write(batch)
    process.stdin.close()
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    return {"status": os.waitstatus_to_exitcode(status), "reply": json.loads(output), "client_kib": usage.ru_maxrss}


@attack
async def imports(path, size):
    """The same through nudgectl, from a pipe."""
    return await asyncio.to_thread(fed, path, size)


# MARK: The run


def main():
    global PID
    name, path, pid = sys.argv[1], sys.argv[2], int(sys.argv[3])
    PID = pid
    size = int(sys.argv[4]) if len(sys.argv) > 4 else 64
    faulthandler.dump_traceback_later(LIMIT, exit=True)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    post(path, 0, "first")
    before = {"kib": memory(pid)[0], "descriptors": descriptors(pid), "cpu": cpu(pid)}
    stop, begun, results = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()
    arguments = (path, pid, name == "exhausted", stop, begun, results)
    other = multiprocessing.Process(target=witness, args=arguments, daemon=True)  # ends with an attack that fails
    other.start()
    begun.wait()
    began = time.monotonic()
    seen = asyncio.run(ATTACKS[name](path, size))
    seconds = time.monotonic() - began
    stop.set()
    noticed = results.get(timeout=120)
    other.join()
    until = time.monotonic() + 60
    while descriptors(pid) > before["descriptors"] + 8 and time.monotonic() < until:
        time.sleep(0.05)
    after = {"kib": memory(pid)[0], "descriptors": descriptors(pid), "high_water_kib": memory(pid)[1]}
    after["cpu_seconds"] = round(cpu(pid) - before.pop("cpu"), 2)
    print(
        json.dumps(
            {"attack": name, "size": size, "seconds": round(seconds, 1), "seen": seen, "other": noticed,
             "before": before, "after": after}
        )
    )


if __name__ == "__main__":
    main()
