cdef dict _NAMES, _LOWER_NAMES

cpdef list decode(list fields)
cpdef dict merge(list fields, bint join_duplicates=*)
cpdef dict distinct(list fields)
cdef str _lower(bytes name)
