"""Node's names: flags for `lookup`, and the codes that errors carry.  Source: https://nodejs.org/api/dns.html#error-codes"""

from __future__ import annotations

from socket import AI_ADDRCONFIG as ADDRCONFIG
from socket import AI_ALL as ALL
from socket import AI_V4MAPPED as V4MAPPED

__all__ = [
    "ADDRCONFIG", "V4MAPPED", "ALL",
    "NODATA", "FORMERR", "SERVFAIL", "NOTFOUND", "NOTIMP", "REFUSED", "BADQUERY", "BADNAME", "BADFAMILY", "BADRESP",
    "CONNREFUSED", "TIMEOUT", "EOF", "FILE", "NOMEM", "DESTRUCTION", "BADSTR", "BADFLAGS", "NONAME", "BADHINTS",
    "NOTINITIALIZED", "LOADIPHLPAPI", "ADDRGETNETWORKPARAMS", "CANCELLED",
]

# What a server said.
NODATA = "ENODATA"              # there is no record of this type
FORMERR = "EFORMERR"            # the server did not understand the question
SERVFAIL = "ESERVFAIL"          # the server failed
NOTFOUND = "ENOTFOUND"          # there is no such name
NOTIMP = "ENOTIMP"              # the server does not do this
REFUSED = "EREFUSED"            # the server does not want to

# What went wrong on the way.
BADQUERY = "EBADQUERY"
BADNAME = "EBADNAME"            # no name can look like this
BADFAMILY = "EBADFAMILY"
BADRESP = "EBADRESP"            # an answer that makes no sense
CONNREFUSED = "ECONNREFUSED"    # nothing listens at the server's address
TIMEOUT = "ETIMEOUT"            # no server answered
EOF = "EOF"
FILE = "EFILE"
NOMEM = "ENOMEM"
DESTRUCTION = "EDESTRUCTION"
BADSTR = "EBADSTR"
BADFLAGS = "EBADFLAGS"
NONAME = "ENONAME"
BADHINTS = "EBADHINTS"
NOTINITIALIZED = "ENOTINITIALIZED"
LOADIPHLPAPI = "ELOADIPHLPAPI"
ADDRGETNETWORKPARAMS = "EADDRGETNETWORKPARAMS"
CANCELLED = "ECANCELLED"        # Resolver.cancel() was called
