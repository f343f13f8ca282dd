from netloop.net.descriptor_stream cimport DescriptorStream


cdef class Socket(DescriptorStream):
    cdef public object server               # the server that accepted it, or None
    cdef public object _attempt             # the connect that is under way
    cdef public object _attempted_addresses
    cdef readonly object _block_list
    cdef public object _bound               # the BoundSocket to connect from
    cdef public object _host_name           # that it was told to connect to
    cdef bint _reset_when_connected
    cdef bint _ever_connected

    cpdef object _set_up_socket(self)
    cdef object _forget_listeners(self)
    cpdef object _connected(self, int fd, bint tcp)


cpdef Socket accepted(object server, object loop, int fd, object high_water_mark, bint allow_half_open, bint paused,
                      list system_options)
