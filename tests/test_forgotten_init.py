"""A subclass that forgets ``super().__init__()`` gets a Python exception, in compiled code too."""

import pytest

from netloop import net, stream
from netloop.events import EventEmitter

CLASSES = {
    stream.Readable: [lambda it: it.read(), lambda it: it.push(b"x"), lambda it: it.pipe(stream.PassThrough()),
                      lambda it: it.on("data", print), lambda it: it.resume()],
    stream.Writable: [lambda it: it.write(b"x"), lambda it: it.end(), lambda it: it.cork()],
    stream.Duplex: [lambda it: it.write(b"x"), lambda it: it.read(), lambda it: it.end(), lambda it: it.pause()],
    stream.Transform: [lambda it: it.write(b"x"), lambda it: it.read()],
    net.Socket: [lambda it: it.write(b"x"), lambda it: it.read(), lambda it: it.pause(), lambda it: it.set_timeout(1)],
    net.Server: [lambda it: it.get_connections(print)],
}


@pytest.mark.parametrize(("base", "use"), [(base, use) for base, uses in CLASSES.items() for use in uses])
def test_a_subclass_that_forgets_the_base_class_gets_an_exception(base, use):
    class Forgetful(base):
        def __init__(self):
            pass

    with pytest.raises((AttributeError, TypeError)):
        use(Forgetful())


def test_an_emitter_needs_no_init():
    class Forgetful(EventEmitter):
        def __init__(self):
            pass

    got = []
    assert Forgetful().on("x", got.append).emit("x", 1)
    assert got == [1]
