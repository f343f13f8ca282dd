cpdef str lower_name(bytes name)
