"""A small HTTP server on a Unix socket, to see what a client says and how it takes an answer.

Usage: http_server.py SOCKET. It says "listening" once it is ready. The path decides the answer:
/echo answers with the request as JSON; /problem/STATUS with a problem; /garbage with no JSON; /status/STATUS with an empty
body; /break closes the connection instead of answering; /events counts lines.
"""
import http.server
import json
import socketserver
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def answer(self, status, body, kind="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.do()

    def do_POST(self):
        self.do()

    def do(self):
        body = self.body()
        first, _, rest = self.path.strip("/").partition("/")
        if first == "echo":
            said = {"method": self.command, "path": self.path, "body": body.decode(),
                    "type": self.headers.get("content-type"), "host": self.headers.get("host")}
            self.answer(200, json.dumps(said).encode())
        elif first == "problem":
            status = int(rest.split("/")[0])
            problem = {"type": f"urn:nudged:problem:{rest.split('/')[1]}", "title": "T", "status": status, "detail": "D",
                       "errors": [{"pointer": "/email", "detail": "is wrong"}]}
            self.answer(status, json.dumps(problem).encode(), "application/problem+json", Retry_After="7")
        elif first == "garbage":
            self.answer(200, b"<html>")
        elif first == "status":
            self.answer(int(rest), b"")
        elif first == "events":
            lines = body.split(b"\n")
            self.answer(200, json.dumps({"accepted": len([line for line in lines if line]), "rejected": []}).encode())
        else:
            self.close_connection = True


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


with Server(sys.argv[1], Handler) as server:
    print("listening", flush=True)
    server.serve_forever()
