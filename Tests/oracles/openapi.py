"""Checks api/openapi.yaml, and a running nudged against it.

usage: openapi.py DESCRIPTION SOCKET [EXAMPLES [stateful | links]]

The description is read by openapi-spec-validator; then schemathesis makes requests of it, good ones and bad ones, sends
them to the socket through a proxy on loopback, and checks every answer. With `stateful`, it goes from answer to request
along the description's links instead, as chance has it, and copies the database into the socket's folder. With `links`,
every link that the description has is followed once, from a good answer to a good answer: for that, the mail of the shop
`default` must be given up, so that there are dead letters. Exits 0 if there was nothing to complain of.
"""

import asyncio
import functools
import itertools
import os
import sys
import time

import schemathesis
import yaml
from openapi_spec_validator import validate

SEED = "20261122"
DEAD_LETTER_SECONDS = 120
numbers = itertools.count()


class NoTwice(yaml.SafeLoader):
    """Two keys of one name are a mistake that YAML's readers keep to themselves."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"there twice: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


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


# MARK: The way to the socket


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def proxied(socket, use):
    """Runs `use` with an address on loopback behind which the socket is."""

    pumps = set()

    async def connected(reader, writer):
        pumps.add(asyncio.current_task())
        there, back = await asyncio.open_unix_connection(socket)
        try:
            await asyncio.gather(pump(reader, back), pump(there, writer))
        finally:
            back.close()
            writer.close()
            pumps.discard(asyncio.current_task())

    proxy = await asyncio.start_server(connected, "127.0.0.1", 0)
    result = await use(f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
    proxy.close()
    for task in list(pumps):
        task.cancel()
    await asyncio.gather(*pumps, return_exceptions=True)
    return result


# MARK: By chance


async def fuzz(description, socket, examples, is_stateful, address):
    """Lets schemathesis make up requests."""
    program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
    here = os.path.dirname(os.path.abspath(__file__))
    process = await asyncio.create_subprocess_exec(
        program, "--config-file", os.path.join(here, "openapi.toml"), "run", description, "--url", address,
        "--max-examples", examples, "--seed", SEED,
        "--phases", "stateful" if is_stateful else "examples,coverage,fuzzing", "--workers", "1", "--continue-on-failure",
        "--suppress-health-check", "all", "--warnings", "off",
        *([] if is_stateful else ["--exclude-operation-id", "backUp"]),
        cwd=os.path.dirname(socket),
        env=os.environ | {"SCHEMATHESIS_HOOKS": "openapi", "PYTHONPATH": here},
    )
    return await process.wait()


# MARK: Link by link


def links_of(content):
    """(path, method, status, name) of every link, in the description's order."""
    for path, item in content["paths"].items():
        for method, operation in item.items():
            for status, response in operation.get("responses", {}).items() if method != "parameters" else ():
                while "$ref" in response:
                    response = at(content, response["$ref"][1:])
                for name, link in response.get("links", {}).items():
                    yield path, method, status, name, at(content, link["$ref"][1:]) if "$ref" in link else link


def at(value, pointer):
    """What a JSON pointer leads to."""
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value


class Walk:
    """A walk along the links. Every answer on the way is checked against the description."""

    def __init__(self, description, content, address):
        self.schema = schemathesis.openapi.from_path(description)
        self.schema.config.update(base_url=address)
        self.content = content
        self.operations = {
            operation["operationId"]: (path, method, operation, item.get("parameters", []))
            for path, item in content["paths"].items()
            for method, operation in item.items()
            if method != "parameters"
        }
        # All at once, so that their reminders are due, and given up, at once.
        self.given_up = [self.checkout() for _ in range(2 * sum(1 for _ in links_of(content)))]

    def ask(self, name, expected, body=None, **parameters):
        """Makes one request; the answer must have the expected status, and be as described."""
        path, method, operation, shared = self.operations[name]
        places = {"path": {}, "query": {}}
        for parameter in shared + operation.get("parameters", []):
            if "$ref" in parameter:
                parameter = at(self.content, parameter["$ref"][1:])
            if parameters.get(parameter["name"]) is not None:
                places[parameter["in"]][parameter["name"]] = parameters[parameter["name"]]
        case = self.schema[path][method.upper()].Case(
            path_parameters=places["path"], query=places["query"],
            **({} if body is None else {"body": body, "media_type": "application/json"}))
        response = case.call_and_validate()
        if str(response.status_code) not in expected:
            raise AssertionError(f"{name} {parameters or body}: {response.status_code} {response.text}")
        return response.json()

    def checkout(self, **more):
        number = f"{os.getpid()}-{next(numbers)}"
        body = {"checkout_id": f"walk-{number}", "email": f"walk-{number}@example.com", **more}
        return self.ask("takeCheckout", ["202"], body)

    def dead_letter(self):
        """A message that was given up, and that nobody else gets."""
        checkout = self.given_up.pop()
        until = time.monotonic() + DEAD_LETTER_SECONDS
        while time.monotonic() < until:
            page = self.ask("listMessages", ["200"], checkout_id=checkout["checkout_id"], state=["dead"])
            if page["messages"]:
                return page["messages"][0]
            time.sleep(0.05)
        raise AssertionError("no dead letter")

    def source(self, name):
        """A good answer of that operation, with all that its links need."""
        match name:
            case "takeCheckout":
                return self.checkout()
            case "takeOrder" | "showOrder":
                checkout = self.checkout()
                order = {"order_id": f"o-{checkout['checkout_id']}", "checkout_id": checkout["checkout_id"], "email": "o@example.com"}
                answer = self.ask("takeOrder", ["202"], order)
                return answer if name == "takeOrder" else self.ask(name, ["200"], id=answer["order_id"])
            case "listCheckouts" | "listMessages":
                self.dead_letter()
                self.dead_letter()
                return self.ask(name, ["200"], limit=1, **({"state": ["dead"]} if name == "listMessages" else {}))
            case "showCheckout":
                return self.ask(name, ["200"], id=self.dead_letter()["checkout_id"])
            case _:
                return self.ask(name, ["200"], id=self.dead_letter()["id"])

    def follow(self, path, method, status, link):
        """Goes from an answer of that operation to the link's request."""
        answer = self.source(self.content["paths"][path][method]["operationId"])

        def said(expression):
            return at(answer, expression.removeprefix("$response.body#"))

        body = {name: said(expression) for name, expression in link["requestBody"].items()} if "requestBody" in link else None
        parameters = {name: said(expression) for name, expression in link.get("parameters", {}).items()}
        # A message that was retried or dropped by the answer itself can be neither.
        expected = ["200", "202"] + (["409"] if link["operationId"] in ("retryMessage", "dropMessage") else [])
        self.ask(link["operationId"], expected, body, **parameters)


async def walk(description, content, address):
    """Follows each link once."""

    def all_links():
        complaints, count = 0, 0
        way = Walk(description, content, address)
        for path, method, status, name, link in links_of(content):
            count += 1
            try:
                way.follow(path, method, status, link)
            except Exception as error:
                complaints += 1
                print(f"{method.upper()} {path} -> {name} ({link['operationId']}): {type(error).__name__}: {error}")
        print(f"{count - complaints} of {count} links followed")
        return 0 if complaints == 0 and count > 0 else 1

    return await asyncio.to_thread(all_links)


def main():
    description, socket = os.path.abspath(sys.argv[1]), sys.argv[2]
    examples = sys.argv[3] if len(sys.argv) > 3 else "40"
    with open(description) as file:
        content = yaml.load(file, NoTwice)
    validate(content)
    way = sys.argv[4] if len(sys.argv) > 4 else ""
    if way == "links":
        use = functools.partial(walk, description, content)
    else:
        use = functools.partial(fuzz, description, socket, examples, way == "stateful")
    sys.exit(asyncio.run(proxied(socket, use)))


if __name__ == "__main__":
    main()
