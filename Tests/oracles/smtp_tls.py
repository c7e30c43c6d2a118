"""An SMTP server on loopback with encryption and login, which behaves well or in one bad way.

    smtp_tls.py FOLDER BEHAVIOUR

FOLDER gets `ca.pem`, whom to believe. The certificate names localhost and 127.0.0.1. BEHAVIOUR is one of

    starttls, implicit   well
    unoffered            EHLO knows of no STARTTLS
    refused              STARTTLS: 454
    injected             STARTTLS: consent and, with it, an answer to what has not been said yet
    garbage              something else than TLS after the consent
    closed               no word after the consent
    expired, elsewhere, stranger
                         a certificate that is too old, names another host, is signed by an authority not in ca.pem
    ancient              no TLS later than 1.1
    stripped             what EHLO offers under encryption is another, with no login

Prints `ready PORT`, then each command as `plain COMMAND` or `tls COMMAND`, and runs until it is ended.
"""

import datetime
import ipaddress
import pathlib
import socket
import ssl
import sys
import threading
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

folder, behaviour = pathlib.Path(sys.argv[1]), sys.argv[2]
now = datetime.datetime.now(datetime.timezone.utc)


def certificate(name, key, issuer_name, issuer_key, names=None, days=30):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer_name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=60))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def pem(thing):
    return thing.public_bytes(serialization.Encoding.PEM)


def make_certificates():
    authority, stranger, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    (folder / "ca.pem").write_bytes(pem(certificate("authority", authority, "authority", authority)))
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    if behaviour == "elsewhere":
        names = [x509.DNSName("elsewhere.invalid")]
    signer = stranger if behaviour == "stranger" else authority
    days = -1 if behaviour == "expired" else 30
    (folder / "own.pem").write_bytes(pem(certificate("server", own, "authority", signer, names, days)))
    (folder / "own.key").write_bytes(
        own.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


make_certificates()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder / "own.pem", folder / "own.key")
if behaviour == "ancient":
    warnings.simplefilter("ignore")
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1


def extensions(is_encrypted):
    offers = ["localhost", "SIZE 100000"]
    if not is_encrypted and behaviour != "unoffered":
        offers.append("STARTTLS")
    if is_encrypted and behaviour != "stripped":
        offers.append("AUTH PLAIN LOGIN")
    return "".join(f"250-{offer}\r\n" for offer in offers[:-1]) + f"250 {offers[-1]}\r\n"


def talk(connection, is_encrypted):
    """Returns True if the client and the server agree on encryption."""
    lines = connection.makefile("rb")

    def say(text):
        connection.sendall(text.encode())

    if is_encrypted == (behaviour == "implicit"):
        say("220 hello\r\n")
    for line in lines:
        command = line.decode(errors="replace").rstrip()
        print("tls" if is_encrypted else "plain", command, flush=True)
        verb = command.split(" ")[0].upper()
        if verb == "EHLO":
            say(extensions(is_encrypted))
        elif verb == "STARTTLS" and behaviour == "refused":
            say("454 4.7.0 not now\r\n")
        elif verb == "STARTTLS":
            say("220 go on\r\n" + ("250-localhost\r\n250 AUTH PLAIN\r\n" if behaviour == "injected" else ""))
            return True
        elif verb == "AUTH":
            say("334 \r\n")
        elif verb == "DATA":
            say("354 go on\r\n")
            while lines.readline() != b".\r\n":
                pass
            say("250 2.0.0 Ok\r\n")
        elif verb == "QUIT":
            say("221 bye\r\n")
            return False
        elif verb in ("MAIL", "RCPT", "RSET"):
            say("250 2.0.0 Ok\r\n")
        else:
            say("235 2.7.0 welcome\r\n")
    return False


def serve(connection):
    try:
        if behaviour == "implicit":
            talk(context.wrap_socket(connection, server_side=True), True)
        elif talk(connection, False):
            if behaviour == "closed":
                connection.close()
            elif behaviour == "garbage":
                connection.sendall(b"this is no TLS\r\n" * 4)
                connection.recv(65536)
                connection.close()
            else:
                talk(context.wrap_socket(connection, server_side=True), True)
    except (OSError, ssl.SSLError) as error:
        print("failed", error, flush=True)
    finally:
        connection.close()


listener = socket.create_server(("127.0.0.1", 0))
print("ready", listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
