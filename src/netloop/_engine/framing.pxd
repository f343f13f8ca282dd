from libc.stdint cimport uint32_t

cpdef bytes frame_head(int first, Py_ssize_t size)
cpdef bytes frame(int first, bytes payload)
cpdef bytes masked_frame(int first, bytes payload, uint32_t key)
