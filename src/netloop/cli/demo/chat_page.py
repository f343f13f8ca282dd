"""The page of the chat in the browser: one file, which asks for nothing from elsewhere."""

from __future__ import annotations

__all__ = ["CHAT_PAGE"]

CHAT_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>netloop chat</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; height: 100dvh; margin: 0 auto; padding: 1rem;
         box-sizing: border-box; display: flex; flex-direction: column; gap: .75rem; }
  h1 { font-weight: 600; margin: 0; }
  h1 small { font: .875rem system-ui, sans-serif; opacity: .7; }
  ol { flex: 1; overflow-y: auto; list-style: none; margin: 0; padding: 1rem; background: #8882; border-radius: .5rem; }
  li { overflow-wrap: anywhere; }
  li.note { opacity: .6; }
  li.own b { color: #07c; }
  form { display: flex; gap: .5rem; }
  form[hidden] { display: none; }
  input, button { font: inherit; padding: .25rem .75rem; }
  input { flex: 1; min-width: 0; }
</style>
<h1>Chat <small id="here">Open this page in another window, too.</small></h1>
<ol id="said" aria-live="polite"></ol>
<form id="join"><input id="name" maxlength="20" aria-label="Your name" placeholder="Your name" autofocus>
  <button>Join</button></form>
<form id="say" hidden><input id="text" maxlength="1000" aria-label="A line to say" autocomplete="off">
  <button>Send</button></form>

<script>
  const element = id => document.getElementById(id);
  let chat, name;

  function show(text, kind, speaker) {
    const item = document.createElement("li");
    item.className = kind;
    if (speaker) item.append(Object.assign(document.createElement("b"), { textContent: speaker }), " ");
    item.append(text);                      // as text: what others say is no HTML here
    element("said").append(item);
    item.scrollIntoView();
  }

  function showForm(joined) {
    element("join").hidden = joined;
    element("say").hidden = !joined;
    element(joined ? "text" : "name").focus();
  }

  const heard = {
    welcome: given => { name = given; showForm(true); },
    here: names => element("here").textContent = `Here: ${names.join(", ")}`,
    note: text => show(text, "note"),
    said: ([speaker, text]) => show(text, speaker === name ? "own" : "", speaker),
  };

  function connect() {
    chat = new WebSocket(location.href.replace("http", "ws").replace(/#.*/, ""));
    chat.onopen = () => chat.send(element("name").value);
    chat.onmessage = event => Object.entries(JSON.parse(event.data)).forEach(([what, value]) => heard[what](value));
    chat.onclose = event => { show(`Disconnected: ${event.reason || event.code}`, "note"); showForm(false); };
  }

  function onSubmit(form, action) {
    element(form).addEventListener("submit", event => { event.preventDefault(); action(); });
  }

  onSubmit("join", () => chat?.readyState === WebSocket.OPEN ? chat.send(element("name").value) : connect());
  onSubmit("say", () => { chat.send(element("text").value); element("text").value = ""; });
</script>
"""
