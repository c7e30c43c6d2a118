"""Reads JSON documents as strictly as nudged should, with Python's own reader.

Standard input: a document a line, in hexadecimal. Standard output, for each: "-" if it is refused, else the document
written again without space, its numbers digit for digit.
"""
import json
import sys

DEPTH = 64


class Number(str):
    pass


def members(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a name twice")
    return dict(pairs)


def refuse(word):
    raise ValueError(word)


def written(value, depth=0):
    if isinstance(value, (dict, list)) and depth >= DEPTH:
        raise ValueError("too deep")
    if isinstance(value, Number):
        return str.__str__(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{string(n)}:{written(v, depth + 1)}" for n, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(v, depth + 1) for v in value) + "]"
    if isinstance(value, str):
        return string(value)
    return {None: "null", True: "true", False: "false"}[value]


def string(text):
    text.encode()  # a lone surrogate fails here
    return json.dumps(text, ensure_ascii=False)


for line in sys.stdin:
    try:
        document = bytes.fromhex(line).decode("utf-8", "strict")
        value = json.loads(document, object_pairs_hook=members, parse_int=Number, parse_float=Number, parse_constant=refuse)
        print(written(value).encode().hex())
    except (ValueError, RecursionError):
        print("-")
