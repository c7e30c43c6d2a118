"""An SES on loopback that takes no mail, and repeats in its answer all that it was told: the keys' token, too.

Prints one line, `ready URL`, and runs until it is ended. The first mail it refuses, of the second nobody knows, for the
third it is too busy, for all others it does not like the signature. A question it answers with 403.
"""

import http.server
import itertools
import json

ANSWERS = itertools.chain(
    [(400, "MessageRejected"), (500, "InternalFailure"), (429, "TooManyRequestsException")],
    itertools.repeat((403, "SignatureDoesNotMatch")))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, name):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = self.headers["X-Amz-Security-Token"] + " " + str(self.headers).replace("\n", " ")
        body = json.dumps({"message": told}).encode()
        self.send_response(status)
        self.send_header("x-amzn-ErrorType", name)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.answer(*next(ANSWERS))

    def do_GET(self):
        self.answer(403, "AccessDeniedException")


with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
    print(f"ready http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
