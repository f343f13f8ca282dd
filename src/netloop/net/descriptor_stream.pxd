from netloop.net.handle_stream cimport HandleStream


cdef class DescriptorStream(HandleStream):
    cdef object _settings                   # what to set once there is a descriptor; None when nothing is
    cdef object _local, _remote             # addresses, once somebody asked
