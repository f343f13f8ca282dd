"""Peers of datagram sockets: an address as the kernel has it and as Python has it, found in both directions.

Each datagram that arrives brings the kernel's form of its sender's address, each that leaves needs that of its
receiver, and to translate costs more than to send.  So the last few hundred peers are remembered, in two tables with
one place for each hash value: whoever comes to a place that is taken displaces who is there.  That bounds the memory,
however many senders a flood invents, and a miss only costs the translation.

The tables are shared by all threads; only one runs here at a time.
"""

from cpython.long cimport PyLong_AsLongAndOverflow
from cpython.object cimport PyObject_Hash
from libc.stdint cimport uint32_t
from libc.string cimport memcmp, memcpy

from .unix cimport socklen_t

import os

from .remote_info import RemoteInfo

cdef extern from *:
    """
    /* Reads the text of an address; returns the size of the name, or 0 if it is none of this family. */
    static socklen_t netloop_parse_name(netloop_name *name, int family, const char *text, int port) {
        memset(name, 0, sizeof *name);
        name->any.sa_family = family;
        if (family == AF_INET) {
            name->ip4.sin_port = htons(port);
            return inet_pton(AF_INET, text, &name->ip4.sin_addr) == 1 ? sizeof name->ip4 : 0;
        }
        char plain[INET6_ADDRSTRLEN + 1];
        const char *zone = strchr(text, '%');
        size_t size = zone ? (size_t)(zone - text) : strlen(text);
        if (size >= sizeof plain)
            return 0;
        memcpy(plain, text, size);
        plain[size] = 0;
        name->ip6.sin6_port = htons(port);
        if (zone && !(name->ip6.sin6_scope_id = if_nametoindex(zone + 1))
            && !(name->ip6.sin6_scope_id = strtoul(zone + 1, NULL, 10)))
            return 0;
        return inet_pton(AF_INET6, plain, &name->ip6.sin6_addr) == 1 ? sizeof name->ip6 : 0;
    }

    /* Writes the text of an address: INET6_ADDRSTRLEN + IF_NAMESIZE + 1 bytes at most. */
    static void netloop_show_name(const netloop_name *name, char *text, int *port) {
        if (name->any.sa_family == AF_INET) {
            *port = ntohs(name->ip4.sin_port);
            inet_ntop(AF_INET, &name->ip4.sin_addr, text, INET6_ADDRSTRLEN);
            return;
        }
        *port = ntohs(name->ip6.sin6_port);
        inet_ntop(AF_INET6, &name->ip6.sin6_addr, text, INET6_ADDRSTRLEN);
        if (name->ip6.sin6_scope_id) {
            char *end = text + strlen(text);
            *end++ = '%';
            if (!if_indextoname(name->ip6.sin6_scope_id, end))
                snprintf(end, IF_NAMESIZE, "%u", name->ip6.sin6_scope_id);
        }
    }

    static inline uint32_t netloop_hash_name(const netloop_name *name, socklen_t size) {
        if (name->any.sa_family == AF_INET)
            return name->ip4.sin_port * 0x9E3779B1u ^ name->ip4.sin_addr.s_addr * 0x85EBCA6Bu;
        uint32_t hash = 0;
        for (socklen_t at = 0; at < size; at++)
            hash = hash * 31 + ((const unsigned char *)name)[at];
        return hash * 0x9E3779B1u;
    }

    #define NETLOOP_PATH_AT offsetof(struct sockaddr_un, sun_path)
    #define NETLOOP_PATH_ROOM ((Py_ssize_t)sizeof(((struct sockaddr_un *)0)->sun_path))
    """
    int AF_INET, AF_INET6, AF_UNIX
    int INET6_ADDRSTRLEN, IF_NAMESIZE
    socklen_t PATH_AT "NETLOOP_PATH_AT"
    Py_ssize_t PATH_ROOM "NETLOOP_PATH_ROOM"
    socklen_t parse_name "netloop_parse_name"(socket_name *name, int family, const char *text, int port)
    void show_name "netloop_show_name"(const socket_name *name, char *text, int *port)
    uint32_t hash_name "netloop_hash_name"(const socket_name *name, socklen_t size)
    cdef struct sockaddr:
        unsigned short sa_family

cdef enum:
    PLACES_BITS = 8
    PLACES = 256            # some 100 KiB when all are taken

cdef list _arrived = [None] * PLACES       # by the kernel's form
cdef list _asked_for = [None] * PLACES     # by address and port


cdef class Peer:
    """The other end of a datagram."""

    cdef object info(self, Py_ssize_t size, bint truncated):
        """The RemoteInfo of a datagram of `size` bytes from here."""
        if self._told is None or self._told_size != size or truncated:
            told = tuple.__new__(RemoteInfo, (self.address, self.family, self.port, size, bool(truncated)))
            if truncated:
                return told
            self._told, self._told_size = told, size
        return self._told

    def __repr__(self):
        return f"<Peer {self.address}{f' port {self.port}' if self.family != 'unix' else ''}>"


# --- by the kernel's form -------------------------------------------------------------------------------------------

cdef Peer peer_of_name(socket_name *name, socklen_t size):
    """The peer that a datagram came from."""
    cdef Py_ssize_t place = hash_name(name, size) >> (32 - PLACES_BITS)
    cdef Peer peer = _arrived[place]
    if peer is None or peer.size != size or memcmp(&peer.name, name, size) != 0:
        peer = _arrived[place] = _translated(name, size)
        if peer.size and peer.family != "unix":
            _asked_for[_place(peer.address, peer.port)] = peer      # an answer is likely
    return peer


cdef Peer _translated(socket_name *name, socklen_t size):
    cdef char text[128]
    cdef int port = 0
    cdef Peer peer = Peer.__new__(Peer)
    memcpy(&peer.name, name, size)
    peer.size = size
    if size <= PATH_AT or (<sockaddr *>name).sa_family == AF_UNIX:
        peer.address, peer.family = _path(name, size), "unix"
        return peer
    show_name(name, text, &port)
    peer.address, peer.port = text.decode("ascii"), port
    peer.family = "IPv4" if (<sockaddr *>name).sa_family == AF_INET else "IPv6"
    return peer


cdef str _path(socket_name *name, socklen_t size):
    """The path of a UNIX socket, an abstract name with its NUL, or nothing."""
    if size <= PATH_AT:
        return ""
    path = (<char *>name)[PATH_AT:size]
    return os.fsdecode(path if path.startswith(b"\0") else path.partition(b"\0")[0])


# --- by the text ----------------------------------------------------------------------------------------------------

cdef inline Py_ssize_t _place(str address, long port) except -1:
    return ((<uint32_t>PyObject_Hash(address) ^ <uint32_t>port) * <uint32_t>0x9E3779B1) >> (32 - PLACES_BITS)


cpdef Peer find_peer(str address, object number, int family):
    """The peer at a port and a numeric address of `family` (AF_INET, AF_INET6), or at a path (AF_UNIX), which has port 0.

    None if these are no such address and port.
    """
    cdef int overflow
    cdef long port = PyLong_AsLongAndOverflow(number, &overflow)
    cdef Py_ssize_t place = _place(address, port)
    cdef Peer peer = _asked_for[place]
    if (peer is None or peer.port != port or peer.address != address
            or (<sockaddr *>&peer.name).sa_family != family):
        peer = _parsed(address, port, family)
        if peer is not None:
            _asked_for[place] = peer
    return peer


cdef Peer _parsed(str address, long port, int family):
    cdef Peer peer = Peer.__new__(Peer)
    if not 0 <= port <= 65535:          # -1 also stands for what is no C number at all
        return None
    peer.address, peer.port = address, port
    if family == AF_UNIX:
        peer.size, peer.family = _write_path(&peer.name, os.fsencode(address)), "unix"
    elif "\0" in address or not address.isascii():
        return None
    else:
        peer.size = parse_name(&peer.name, family, address.encode("ascii"), port)
        peer.family = "IPv4" if family == AF_INET else "IPv6"
    return peer if peer.size else None


cdef socklen_t _write_path(socket_name *name, bytes path):
    """The size of the name, 0 if the path does not fit.  A path in the file system counts with the NUL behind it."""
    cdef Py_ssize_t size = len(path)
    if size == 0 or size > PATH_ROOM or size == PATH_ROOM and path[0] != 0:
        return 0
    (<sockaddr *>name).sa_family = AF_UNIX
    memcpy(<char *>name + PATH_AT, <char *>path, size)      # a new Peer is all zeros, so the NUL is there
    return PATH_AT + size + (path[0] != 0)
