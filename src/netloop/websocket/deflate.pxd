cdef class Deflate:
    cdef readonly Py_ssize_t threshold
    cdef readonly int concurrency_limit
    cdef int _level, _memory_level, _strategy
    cdef int _bits, _peer_bits              # of the windows: ours, and the peer's
    cdef bint _forget, _peer_forgets        # no context takeover
    cdef object _compressor, _decompressor

    cpdef bint is_worthwhile(self, Py_ssize_t size) except -1
    cpdef bytes compress(self, bytes payload, bint final=*)
    cpdef bytes compress_alone(self, bytes payload)
    cdef object _new_compressor(self)
    cpdef bytes decompress(self, bytes payload, long long most)
    cdef bytes _inflate(self, bytes data, long long most)
    cpdef object forget(self)
