"""botocore's word on how a request is signed.

Reads one request a line from standard input, as JSON with the keys method, host, path, query ([[name, value]]),
headers ([[name, value]]), body (base64), timestamp, access_key, secret_key, token (or null), region, service. Writes one
line for each: JSON with canonical_request and authorization.
"""

import base64
import json
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.compat import HTTPHeaders


def signed(case):
    headers = HTTPHeaders()
    for name, value in case["headers"]:
        headers.add_header(name, value)
    request = AWSRequest(
        method=case["method"],
        url="https://" + case["host"] + case["path"],
        data=base64.b64decode(case["body"]),
        params=[tuple(pair) for pair in case["query"]] or None,
    )
    request.headers = headers
    request.context["timestamp"] = case["timestamp"]
    auth = SigV4Auth(
        Credentials(case["access_key"], case["secret_key"], case["token"]), case["service"], case["region"]
    )
    canonical = auth.canonical_request(request)
    to_sign = auth.string_to_sign(request, canonical)
    names = auth.signed_headers(auth.headers_to_sign(request))
    return {
        "canonical_request": canonical,
        "authorization": "AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=%s, Signature=%s"
        % (auth.scope(request), names, auth.signature(to_sign, request)),
    }


for line in sys.stdin:
    print(json.dumps(signed(json.loads(line))))
