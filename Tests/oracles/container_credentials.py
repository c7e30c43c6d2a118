"""A credentials endpoint as ECS and EKS have it, on loopback.

    container_credentials.py TOKEN START LIFETIME

Prints one line, `ready URL`, and runs until it is ended. It lends keys to whoever shows TOKEN: the n-th ones have the id
KEYn and end LIFETIME seconds after the n-th question, if START (seconds since 1970) was the time of the first one and
each later one came when the last keys had 15 minutes left.
"""

import datetime
import http.server
import json
import sys

token, start, lifetime = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
MARGIN = 15 * 60


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lent = 0

    def log_message(self, *_):
        pass

    def answer(self, status, said):
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path != "/v1/credentials":
            return self.answer(404, {"code": "NotFound", "message": "no such path"})
        if self.headers["Authorization"] != token:
            return self.answer(401, {"code": "Unauthorized", "message": f"not {self.headers['Authorization']}"})
        Handler.lent += 1
        end = start + (Handler.lent - 1) * (lifetime - MARGIN) + lifetime
        self.answer(200, {
            "RoleArn": "arn:aws:iam::123456789012:role/nudged",
            "AccessKeyId": f"KEY{Handler.lent}",
            "SecretAccessKey": f"secret/{Handler.lent}",
            "Token": f"token{Handler.lent}==",
            "Expiration": datetime.datetime.fromtimestamp(end, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        })


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    print(f"ready http://127.0.0.1:{server.server_port}/v1/credentials", flush=True)
    server.serve_forever()
