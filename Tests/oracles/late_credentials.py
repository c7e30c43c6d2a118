"""A credentials endpoint as ECS and EKS have it, on loopback, that is late.

    late_credentials.py KEY SECRET

Prints `port N` and listens at that port when it gets SIGUSR1; then it prints `listening`, and lends the keys to anybody
until it is ended. Until then, the port takes no connection.
"""

import http.server
import json
import signal
import sys

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        body = json.dumps({"AccessKeyId": sys.argv[1], "SecretAccessKey": sys.argv[2]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
server.server_bind()
print(f"port {server.server_port}", flush=True)
signal.sigwait([signal.SIGUSR1])
server.server_activate()
print("listening", flush=True)
server.serve_forever()
