import cython

from netloop._engine.lower_names cimport lower_name
from netloop._engine.text cimport is_text

cdef dict _NAMES

cpdef list decode(list fields)
@cython.locals(at=Py_ssize_t, name=str, raw=bytes, value=str)
cpdef dict merge(list fields, bint join_duplicates=*)
@cython.locals(at=Py_ssize_t)
cpdef dict distinct(list fields)
