"""An HTTP server on loopback that answers with JSON.

Reads an object from paths to [status, body] from standard input; whatever else is asked for is 404. Prints
`ready PORT`, and runs until it is ended.
"""

import http.server
import json
import sys

answers = json.load(sys.stdin)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status, body = answers.get(self.path, [404, {"message": "not here"}])
        data = json.dumps(body).encode()
        self.send_response(status)
        if status == 404:
            self.send_header("x-amzn-ErrorType", "NotFoundException")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("ready", server.server_port, flush=True)
server.serve_forever()
