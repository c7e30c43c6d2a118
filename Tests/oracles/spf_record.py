"""pyspf's word on what a domain's SPF record says to a server that it does not name.

    spf_record.py PORT

asks the name server on that port of loopback. Reads one domain a line, writes one result a line: none, pass, fail,
softfail, neutral, permerror or temperror, and after a tab why.
"""

import sys
import warnings

import dns.resolver

warnings.simplefilter("ignore")
import spf  # noqa: E402  (it looks for dnspython when it is imported)

resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = ["127.0.0.1"]
resolver.port = int(sys.argv[1])
dns.resolver.default_resolver = resolver

for line in sys.stdin:
    domain = line.strip()
    result, _, reason = spf.query("203.0.113.77", "cart@" + domain, "mail.stranger.example").check()
    print(result, reason, sep="\t")
