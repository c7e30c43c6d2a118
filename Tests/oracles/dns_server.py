"""A name server on loopback, over UDP and TCP: dnslib.

Reads its zone from standard input, as a JSON object from names to what is there: an object from types to lists of
values as zone files write them, or one of the words

    servfail  refused  silent   no answer but that, or none at all
    hanging                     over UDP the word that it takes TCP, and there none at all

What does not fit into a datagram of 512 bytes is told over TCP. A name that is not there does not exist, unless there
is one below it. Prints `ready PORT`, and runs until it is ended.
"""

import json
import signal
import socketserver
import struct
import sys
import threading

from dnslib import QTYPE, RCODE, RR, DNSRecord

zone = {name.lower(): value for name, value in json.load(sys.stdin).items()}


def records(name, kind):
    here = zone.get(name, {})
    alias = here.get("CNAME", [])
    for value in here.get(kind, []) if kind == "CNAME" or not alias else alias:
        yield from RR.fromZone(f"{name}. 60 IN {kind if not alias else 'CNAME'} {value}")
    if alias and kind != "CNAME":
        yield from records(alias[0].rstrip(".").lower(), kind)


def exists(name):
    return name in zone or any(other.endswith("." + name) for other in zone)


def answer(data, over_tcp):
    """None for no answer."""
    question = DNSRecord.parse(data)
    name = str(question.q.qname).rstrip(".").lower()
    kind = QTYPE[question.q.qtype]
    reply = question.reply()
    here = zone.get(name)
    if here == "silent" or here == "hanging" and over_tcp:
        return None
    if here in ("servfail", "refused"):
        reply.header.rcode = RCODE.SERVFAIL if here == "servfail" else RCODE.REFUSED
        return reply.pack()
    if here == "hanging":
        reply.header.tc = 1
        return reply.pack()
    if not exists(name):
        reply.header.rcode = RCODE.NXDOMAIN
        return reply.pack()
    reply.add_answer(*records(name, kind))
    if not over_tcp and len(reply.pack()) > 512:
        reply = question.reply()
        reply.header.tc = 1
    return reply.pack()


class Datagrams(socketserver.ThreadingUDPServer):
    daemon_threads = True


class Streams(socketserver.ThreadingTCPServer):
    daemon_threads = True


class OnDatagram(socketserver.BaseRequestHandler):
    def handle(self):
        data, socket = self.request
        reply = answer(data, over_tcp=False)
        if reply is not None:
            socket.sendto(reply, self.client_address)


class OnStream(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            head = self.rfile.read(2)
            if len(head) < 2:
                return
            reply = answer(self.rfile.read(struct.unpack("!H", head)[0]), over_tcp=True)
            if reply is not None:
                self.wfile.write(struct.pack("!H", len(reply)) + reply)


def pair():
    """Both kinds of server on one port."""
    while True:
        streams = Streams(("127.0.0.1", 0), OnStream)
        try:
            return streams, Datagrams(("127.0.0.1", streams.server_address[1]), OnDatagram)
        except OSError:
            streams.server_close()


for server in (servers := pair()):
    threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", servers[0].server_address[1], flush=True)
signal.pause()
