"""Node's names: flags for `lookup`, and the codes that errors carry.  Source: https://nodejs.org/api/dns.html#error-codes"""

from __future__ import annotations

import socket

__all__ = [
    "ADDRCONFIG", "V4MAPPED", "ALL",
    "NODATA", "FORMERR", "SERVFAIL", "NOTFOUND", "NOTIMP", "REFUSED", "BADQUERY", "BADNAME", "BADFAMILY", "BADRESP",
    "CONNREFUSED", "TIMEOUT", "EOF", "FILE", "NOMEM", "DESTRUCTION", "BADSTR", "BADFLAGS", "NONAME", "BADHINTS",
    "NOTINITIALIZED", "LOADIPHLPAPI", "ADDRGETNETWORKPARAMS", "CANCELLED",
]

# Flags for `lookup`.
ADDRCONFIG = int(socket.AI_ADDRCONFIG)      # only families of which this machine has an address
V4MAPPED = int(socket.AI_V4MAPPED)          # IPv4 addresses as IPv6 ones, if there are no others
ALL = int(socket.AI_ALL)                    # with V4MAPPED: also if there are

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
