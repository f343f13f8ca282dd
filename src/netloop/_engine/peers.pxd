from .unix cimport socklen_t

cdef extern from *:
    """
    #include <arpa/inet.h>
    #include <net/if.h>
    #include <netinet/in.h>
    #include <stddef.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/socket.h>
    #include <sys/un.h>

    typedef union {
        struct sockaddr any;
        struct sockaddr_in ip4;
        struct sockaddr_in6 ip6;
        struct sockaddr_un un;
    } netloop_name;
    """
    ctypedef union socket_name "netloop_name":
        pass


cdef class Peer:
    cdef socket_name name
    cdef socklen_t size
    cdef readonly str address, family
    cdef readonly int port
    cdef object _told                   # the last RemoteInfo, for the next datagram of that size
    cdef Py_ssize_t _told_size

    cdef object info(self, Py_ssize_t size, bint truncated)


cdef Peer peer_of_name(socket_name *name, socklen_t size)
cpdef Peer find_peer(str address, object number, int family)
