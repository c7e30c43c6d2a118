"""dkimpy's word on DKIM keys.

    dkim_key.py generate BITS    prints a record with a new RSA key, and one with the same key without its wrapping
    dkim_key.py read             reads one record a line, writes its bits, or `none`, a line each
"""

import base64
import sys

import dkim
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def generate(bits):
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        print("v=DKIM1; k=rsa; p=" + base64.b64encode(key.public_bytes(Encoding.DER, form)).decode())


def bits(record):
    try:
        return dkim.evaluate_pk("", record)[1]
    except (dkim.KeyFormatError, ValueError, IndexError):
        return "none"


if sys.argv[1] == "generate":
    generate(int(sys.argv[2]))
else:
    for line in sys.stdin:
        print(bits(line.strip()))
