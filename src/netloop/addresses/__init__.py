"""What `net` and `dgram` have in common: addresses, ports, paths, who is refused, and from a name to addresses.

The public names are those of `net`, as in Node.
"""
