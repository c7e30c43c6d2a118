"""Keeps a listening socket, as systemd does, and has one nudged after the other serve it while clients tell it checkouts.

  activated.py NUDGED FOLDER LIVES

Each client has a connection for each checkout, and each nudged is told to stop once so many more were answered. Prints how
often each status was answered, and how often a client was hung up on, as JSON.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading

CLIENTS = 4
# From one SIGTERM to the next.
ANSWERS = 100
# How a process says that the descriptor is meant for it: its own number is known to itself alone.
LAUNCH = 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" --config "$1/nudged.yaml" --state "$1/state"'

nudged, folder, lives = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
path = str(folder / "n.sock")
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen(512)
if listener.fileno() != 3:
    os.dup2(listener.fileno(), 3)
(folder / "nudged.yaml").write_text("shops: { default: { from: cart@shop.example } }")

counts = {}
answered = threading.Condition()
is_over = False


def ask(client, number):
    checkout = json.dumps({"checkout_id": f"c-{client}-{number}", "email": f"c{client}.{number}@example.com"})
    head = f"POST /checkout HTTP/1.1\r\nHost: n\r\nContent-Type: application/json\r\nContent-Length: {len(checkout)}\r\n"
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(path)
            connection.sendall(f"{head}\r\n{checkout}".encode())
            return connection.recv(4096)[9:12].decode() or "hung up"
        except OSError as error:
            return type(error).__name__


def tell(client):
    number = 0
    while not is_over:
        number += 1
        what = ask(client, number)
        with answered:
            counts[what] = counts.get(what, 0) + 1
            answered.notify()


clients = [threading.Thread(target=tell, args=(client,), daemon=True) for client in range(CLIENTS)]
for client in clients:
    client.start()
ends = set()
for life in range(1, lives + 1):
    program = subprocess.Popen(["sh", "-c", LAUNCH, nudged, str(folder)], pass_fds=(3,), stderr=subprocess.DEVNULL)
    with answered:
        while not answered.wait_for(lambda: sum(counts.values()) >= life * ANSWERS, timeout=1):
            if program.poll() is not None:  # then nobody answers any more
                sys.exit(f"nudged ended with {program.returncode}")
        is_over = life == lives
    if is_over:
        for client in clients:
            client.join()
    program.send_signal(signal.SIGTERM)
    ends.add(program.wait())
print(json.dumps({"ends": sorted(ends), "answers": counts}))
