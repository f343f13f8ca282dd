"""add_abort_signal: a signal destroys a stream."""

from __future__ import annotations

import gc
import weakref

import pytest

from netloop.errors import AbortError, ArgumentTypeError
from netloop.events import AbortController, AbortSignal
from netloop.stream import PassThrough, Readable, Writable, add_abort_signal
from netloop.testing import Recorder, in_loop, settle


@in_loop
async def test_the_signal_destroys_the_stream_with_its_reason():
    controller, stream = AbortController(), PassThrough()
    record = Recorder(stream)
    assert add_abort_signal(controller.signal, stream) is stream
    controller.abort("enough")
    assert stream.destroyed
    await record.until("close")
    assert isinstance(record.error, AbortError)
    assert record.error.cause == "enough"


@in_loop
async def test_a_signal_that_was_aborted_before_destroys_at_once():
    stream = PassThrough()
    record = Recorder(stream)
    add_abort_signal(AbortSignal.abort(), stream)
    assert stream.destroyed
    await record.until("close")
    assert isinstance(record.error, AbortError)


@pytest.mark.parametrize("kind", [Readable, Writable, PassThrough])
@in_loop
async def test_the_option_signal_does_the_same(kind):
    controller = AbortController()
    stream = kind(signal=controller.signal)
    errors = []
    stream.on("error", errors.append)
    controller.abort()
    await settle()
    assert [type(error) for error in errors] == [AbortError]


@in_loop
async def test_anything_with_the_members_of_a_signal_is_one():
    class Foreign:
        aborted, reason = False, "foreign"

        def add_event_listener(self, event, listener):
            self.listener = listener

        def remove_event_listener(self, event, listener):
            assert listener is self.listener
            self.listener = None

    signal, stream = Foreign(), PassThrough()
    stream.on("error", lambda error: None)
    add_abort_signal(signal, stream)
    signal.listener(object())
    assert stream.destroyed
    assert stream.errored.cause == "foreign"
    await settle()
    assert signal.listener is None


@in_loop
async def test_a_closed_stream_is_forgotten_by_the_signal():
    controller, stream = AbortController(), PassThrough()
    add_abort_signal(controller.signal, stream)
    stream.destroy()
    await settle()
    assert stream.event_names() == []
    reference = weakref.ref(stream)
    del stream
    gc.collect()
    assert reference() is None
    controller.abort()


@in_loop
async def test_the_signal_does_not_handle_other_errors():
    stream, errors = PassThrough(), []
    add_abort_signal(AbortController().signal, stream)
    assert stream.listener_count("error") == 0
    stream.on("error", errors.append)
    error = ValueError("broken")
    stream.destroy(error)
    await settle()
    assert errors == [error]


@pytest.mark.parametrize("arguments", [(None, PassThrough), (object(), PassThrough)], ids=repr)
def test_what_is_no_signal_is_refused(arguments):
    signal, make = arguments
    with pytest.raises(ArgumentTypeError):
        add_abort_signal(signal, make())


def test_what_is_no_stream_is_refused():
    with pytest.raises(ArgumentTypeError):
        add_abort_signal(AbortController().signal, object())
