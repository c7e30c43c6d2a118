"""An SES on loopback that checks signatures: moto, with one verified sender and one account that may send.

    ses_server.py VERIFIED_ADDRESS [open]

With "open" it checks no signatures: of requests with GET moto checks them wrongly, botocore's as well. The address's domain is an identity of the account, too.

Prints one line, `ready` and JSON with the keys endpoint, access_key, secret_key and role_arn, and runs until it is ended.
"""

import json
import signal
import sys
import urllib.request

import boto3
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
endpoint = f"http://{host}:{port}"


def client(service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="setup",
        aws_secret_access_key="setup",
    )


for identity in [sys.argv[1], sys.argv[1].rpartition("@")[2]]:
    client("sesv2").create_email_identity(EmailIdentity=identity)
iam = client("iam")
iam.create_user(UserName="nudged")
allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ses:*", "Resource": "*"}]}
iam.put_user_policy(UserName="nudged", PolicyName="send", PolicyDocument=json.dumps(allowed))
key = iam.create_access_key(UserName="nudged")["AccessKey"]
role = iam.create_role(RoleName="nudged", AssumeRolePolicyDocument=json.dumps(allowed))["Role"]
iam.put_role_policy(RoleName="nudged", PolicyName="send", PolicyDocument=json.dumps(allowed))
if "open" not in sys.argv:
    urllib.request.urlopen(
        urllib.request.Request(
            f"{endpoint}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}, method="POST"
        )
    )
ready = {
    "endpoint": endpoint,
    "access_key": key["AccessKeyId"],
    "secret_key": key["SecretAccessKey"],
    "role_arn": role["Arn"],
}
print("ready", json.dumps(ready), flush=True)
signal.pause()
