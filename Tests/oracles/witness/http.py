"""As much of HTTP/1.1 as both ends of the witness need."""

import asyncio
import json


class Gone(Exception):
    """The other side has left in the middle."""


async def read_head(reader):
    """The first line and the fields of a message; None if nothing comes any more."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (EOFError, ConnectionError):
        return None
    lines = head.decode("latin-1").split("\r\n")
    fields = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name:
            fields[name.strip().lower()] = value.strip()
    return lines[0], fields


async def read_body(reader, fields):
    try:
        if "chunked" in fields.get("transfer-encoding", ""):
            body = b""
            while size := int(await reader.readline(), 16):
                body += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
            return body
        return await reader.readexactly(int(fields.get("content-length", 0)))
    except (EOFError, ConnectionError, ValueError) as error:
        raise Gone from error


def response(status, body, **fields):
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} Answer\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return head.encode() + b"\r\n" + content


class Connection:
    """A client's connection to a Unix socket, made anew when the other side is gone."""

    def __init__(self, path):
        self.path = path
        self.reader = self.writer = None

    async def ask(self, method, path, body=b"", kind="application/json"):
        """The status, the fields and the body of the answer; ConnectionError if there is none."""
        try:
            if self.writer is None:
                self.reader, self.writer = await asyncio.open_unix_connection(self.path, limit=1 << 24)
            head = f"{method} {path} HTTP/1.1\r\nHost: nudged\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
            self.writer.write(head.encode() + b"\r\n\r\n" + body)
            await self.writer.drain()
            head = await read_head(self.reader)
            if head is None:
                raise ConnectionError("no answer")
            content = await read_body(self.reader, head[1])
        except (OSError, Gone) as error:
            self.close()
            raise ConnectionError(str(error)) from error
        if head[1].get("connection", "").lower() == "close":
            self.close()
        return int(head[0].split()[1]), head[1], content

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None
