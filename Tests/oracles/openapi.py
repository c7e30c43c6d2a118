"""Checks api/openapi.yaml, and a running nudged against it.

usage: openapi.py DESCRIPTION SOCKET [EXAMPLES [stateful]]

The description is read by openapi-spec-validator; then schemathesis makes requests of it, good ones and bad ones, sends
them to the socket through a proxy on loopback, and checks every answer. With `stateful`, it goes from answer to request
along the description's links instead, and copies the database into the socket's folder. Exits 0 if there was nothing to
complain of.
"""

import asyncio
import itertools
import os
import sys

import schemathesis
from openapi_spec_validator import validate
from openapi_spec_validator.readers import read_from_filename

SEED = "20261122"
numbers = itertools.count()


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """schemathesis imports this file as its hooks: it does not know the media type of /events."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.hook
def before_call(context, case, kwargs):
    """A backup goes wherever it is told to: here, into the folder that this runs in."""
    body = case.body
    if case.operation.definition.raw.get("operationId") == "backUp" and isinstance(body, dict):
        path = body.get("path")
        if isinstance(path, str) and path.startswith("/") and len(path.encode("utf-8", "replace")) <= 4095:
            body["path"] = os.path.join(os.getcwd(), f"backup-{next(numbers)}.db")


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def fuzz(description, socket, examples, is_stateful):
    async def connected(reader, writer):
        there, back = await asyncio.open_unix_connection(socket)
        await asyncio.gather(pump(reader, back), pump(there, writer))
        back.close()
        writer.close()

    proxy = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
    here = os.path.dirname(os.path.abspath(__file__))
    process = await asyncio.create_subprocess_exec(
        program, "--config-file", os.path.join(here, "openapi.toml"), "run", description, "--url", f"http://127.0.0.1:{port}",
        "--max-examples", examples, "--seed", SEED,
        "--phases", "stateful" if is_stateful else "examples,coverage,fuzzing", "--workers", "1", "--continue-on-failure",
        "--suppress-health-check", "all", "--warnings", "off",
        *([] if is_stateful else ["--exclude-operation-id", "backUp"]),
        cwd=os.path.dirname(socket),
        env=os.environ | {"SCHEMATHESIS_HOOKS": "openapi", "PYTHONPATH": here},
    )
    status = await process.wait()
    proxy.close()
    return status


def main():
    description, socket = os.path.abspath(sys.argv[1]), sys.argv[2]
    examples = sys.argv[3] if len(sys.argv) > 3 else "40"
    content, _ = read_from_filename(description)
    validate(content)
    sys.exit(asyncio.run(fuzz(description, socket, examples, sys.argv[4:] == ["stateful"])))


if __name__ == "__main__":
    main()
