"""EventEmitterAsyncResource: listeners run in the context in which the emitter was made."""

from __future__ import annotations

from contextvars import ContextVar, copy_context

from netloop.events import EventEmitterAsyncResource

request: ContextVar[str] = ContextVar("request", default="none")


def make_in_context(value: str) -> EventEmitterAsyncResource:
    def make() -> EventEmitterAsyncResource:
        request.set(value)
        return EventEmitterAsyncResource()

    return copy_context().run(make)


def test_listeners_see_the_variables_of_the_emitters_context() -> None:
    emitter = make_in_context("first")
    seen: list[str] = []
    emitter.on("event", lambda: seen.append(request.get()))
    request.set("another")
    assert emitter.emit("event")
    assert seen == ["first"]


def test_an_emission_may_cause_another_of_the_same_emitter() -> None:
    emitter = make_in_context("first")
    seen: list[str] = []
    emitter.once("event", lambda: emitter.emit("event"))
    emitter.on("event", lambda: seen.append(request.get()))
    emitter.emit("event")
    assert seen == ["first", "first"]


def test_the_numbers_tell_which_resource_made_which() -> None:
    outer = EventEmitterAsyncResource(name="Outer")
    made: list[EventEmitterAsyncResource] = []
    outer.on("event", lambda: made.append(EventEmitterAsyncResource()))
    outer.emit("event")
    assert made[0].trigger_async_id == outer.async_id
    assert made[0].async_id != outer.async_id
    assert EventEmitterAsyncResource(trigger_async_id=77).trigger_async_id == 77
    assert outer.trigger_async_id == 1


def test_the_resource_knows_its_emitter_and_runs_functions_in_its_context() -> None:
    emitter = make_in_context("first")
    resource = emitter.async_resource
    assert resource.event_emitter is emitter
    assert resource.run_in_async_scope(request.get) == "first"
    assert resource.async_id() == emitter.async_id
    assert repr(EventEmitterAsyncResource(name="Pool").async_resource).startswith("<AsyncResource Pool ")
    emitter.emit_destroy()
