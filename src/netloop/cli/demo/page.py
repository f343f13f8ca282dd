"""The page of the demonstration: one file, which asks for nothing from elsewhere."""

from __future__ import annotations

__all__ = ["PAGE"]

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>netloop</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
  h1 { font-weight: 600; margin-bottom: 0; }
  h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
  pre { background: #8882; border-radius: .5rem; padding: 1rem; margin: 0; overflow-x: auto; min-height: 1.5em; }
  input, button { font: inherit; padding: .25rem .75rem; }
  form { display: flex; gap: .5rem; margin-bottom: .5rem; }
  input { flex: 1; }
</style>
<h1>netloop</h1>
<p>Node's networking model for Python. This page came over it; the terminal shows what you do here.</p>

<h2>A chat over WebSocket</h2>
<p><a href="/chat">Join it</a>, from two windows.</p>

<h2>What your browser asked</h2>
<pre id="request"></pre>

<h2>What you send comes back</h2>
<form id="echo"><input id="text" aria-label="Text" value="Hello World"><button>Send</button></form>
<pre id="echoed"></pre>

<h2>A response in pieces</h2>
<form id="ticks"><button>Start</button></form>
<pre id="ticked"></pre>

<script>
  const element = id => document.getElementById(id);

  async function show(id, url, options) {
    element(id).textContent = "";
    const response = await fetch(url, options);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece; !(piece = await reader.read()).done;) element(id).textContent += piece.value;
  }

  function onSubmit(form, action) {
    element(form).addEventListener("submit", event => { event.preventDefault(); action(); });
  }

  show("request", "/request");
  onSubmit("echo", () => show("echoed", "/echo", { method: "POST", body: element("text").value }));
  onSubmit("ticks", () => show("ticked", "/ticks"));
</script>
"""
