"""The addresses of a socket: getsockname and getpeername, without the cost of a Python socket."""

cdef extern from *:
    """
    #include <arpa/inet.h>
    #include <netinet/in.h>
    #include <string.h>
    #include <sys/socket.h>

    /* Writes the address as text and returns 4 or 6, or 0 for anything that is no bound IP socket. */
    static int netloop_name(int fd, int of_peer, char *text, int *port, unsigned *scope) {
        struct sockaddr_storage name;
        socklen_t size = sizeof name;
        if (of_peer ? getpeername(fd, (struct sockaddr *)&name, &size) : getsockname(fd, (struct sockaddr *)&name, &size))
            return 0;
        *scope = 0;
        if (name.ss_family == AF_INET) {
            struct sockaddr_in *ip = (struct sockaddr_in *)&name;
            *port = ntohs(ip->sin_port);
            return inet_ntop(AF_INET, &ip->sin_addr, text, INET6_ADDRSTRLEN) ? 4 : 0;
        }
        if (name.ss_family == AF_INET6) {
            struct sockaddr_in6 *ip = (struct sockaddr_in6 *)&name;
            *port = ntohs(ip->sin6_port);
            *scope = ip->sin6_scope_id;
            return inet_ntop(AF_INET6, &ip->sin6_addr, text, INET6_ADDRSTRLEN) ? 6 : 0;
        }
        return 0;
    }
    """
    int socket_name "netloop_name"(int fd, bint of_peer, char *text, int *port, unsigned *scope) nogil


def local_name(int fd):
    """(address, 4 or 6, port) that a descriptor is bound to; None if it is not bound, or no IP socket."""
    return _name(fd, False)


def remote_name(int fd):
    """(address, 4 or 6, port) of the peer; None if there is none, or it is no IP socket."""
    return _name(fd, True)


cdef _name(int fd, bint of_peer):
    cdef char text[64]
    cdef int port = 0
    cdef unsigned scope = 0
    cdef int family = socket_name(fd, of_peer, text, &port, &scope)
    if family == 0 or port == 0:
        return None
    address = text.decode("ascii")
    if scope:
        address = f"{address}%{_interface(scope)}"
    return address, family, port


def _interface(unsigned scope):
    import socket
    try:
        return socket.if_indextoname(scope)
    except OSError:
        return str(scope)
