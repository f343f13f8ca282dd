"""`netloop run`: the script's surroundings, the loop after it, and the ways in which it ends."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from netloop.cli import app

Start = Callable[..., Any]


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Path]:
    """Writes ``app.py``."""

    def write(text: str) -> Path:
        path = tmp_path / "app.py"
        path.write_text(text)
        return path

    return write


Script = Callable[[str], Path]


def run(start: Start, *arguments: object, **options: Any) -> tuple[int, str, str]:
    status, stdout, stderr = start("run", *arguments, **options).finish()
    return status, stdout.decode(), stderr


# --- surroundings ---

def test_script_finds_what_python_gives_it(start: Start, script: Script, tmp_path: Path) -> None:
    path = script("import sys; print(__name__, __file__, __package__, sys.argv, sys.path[0],"
                  " sys.modules['__main__'].__dict__ is globals(), sep='|')")
    status, stdout, stderr = run(start, path, "a", "--why", "-m", "--", "-x")
    assert stdout == f"__main__|{path}|None|{[str(path), 'a', '--why', '-m', '--', '-x']}|{tmp_path}|True\n"
    assert (status, stderr) == (0, "")


def test_script_keeps_the_name_it_was_given_and_knows_its_absolute_path(start: Start, script: Script,
                                                                        tmp_path: Path) -> None:
    script("import sys; print(sys.argv[0], __file__)")
    assert run(start, "app.py", cwd=tmp_path)[1] == f"app.py {tmp_path / 'app.py'}\n"


def test_script_imports_its_neighbours(start: Start, script: Script, tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("name = 'next door'")
    assert run(start, script("import neighbour; print(neighbour.name)"), cwd="/")[1] == "next door\n"


def test_module_runs_with_the_current_folder_first(start: Start, tmp_path: Path) -> None:
    (tmp_path / "tool.py").write_text("import sys; print(__name__, __spec__.name, sys.argv, sys.path[0])")
    stdout = run(start, "-m", "tool", "-m", "x", cwd=tmp_path)[1]
    assert stdout == f"__main__ tool {[str(tmp_path / 'tool.py'), '-m', 'x']} {tmp_path}\n"


def test_package_runs_its_main_module_which_imports_relatively(start: Start, tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "other.py").write_text("value = 5")
    (package / "__main__.py").write_text("from .other import value; print(__package__, value)")
    assert run(start, "-m", "package", cwd=tmp_path)[1] == "package 5\n"


# --- the loop ---

def test_loop_runs_after_the_script(start: Start, script: Script) -> None:
    path = script("from netloop import set_timeout\nset_timeout(print, 1, 'second')\nprint('first')")
    assert run(start, path) == (0, "first\nsecond\n", "")


def test_script_may_run_the_loop_itself(start: Start, script: Script) -> None:
    path = script("from netloop import run, set_timeout\n"
                  "set_timeout(print, 1, 'inside')\nrun()\nset_timeout(print, 1, 'after')")
    assert run(start, path) == (0, "inside\nafter\n", "")


def test_listeners_find_the_names_of_the_script(start: Start, script: Script) -> None:
    path = script("import sys\nfrom netloop import set_timeout\nname = 'still here'\n"
                  "def later(): print(name, sys.modules['__main__'].name)\nset_timeout(later, 1)")
    assert run(start, path)[1] == "still here still here\n"


def test_busy_poll_is_taken(start: Start, script: Script) -> None:
    path = script("from netloop import set_timeout\nset_timeout(print, 1, 'done')")
    assert run(start, "--busy-poll", 50, path) == (0, "done\n", "")


def test_negative_busy_poll_is_refused() -> None:
    assert CliRunner().invoke(app, ["run", "--busy-poll", "-1", "app.py"]).exit_code == 2


# --- the ways in which it ends ---

def test_unhandled_error_event_ends_it_with_status_1(start: Start, script: Script) -> None:
    status, _, stderr = run(start, script("from netloop import net\nnet.connect('nobody.sock')"))
    error, origin = stderr.splitlines()
    assert error.startswith("FileNotFoundError: [Errno 2] connect ENOENT nobody.sock")
    assert origin.startswith("connect() was called at ")
    assert origin.endswith("app.py:2")
    assert status == 1


def test_unhandled_error_of_listen_says_where_it_was_called(start: Start, script: Script) -> None:
    status, _, stderr = run(start, script("from netloop import net\nnet.create_server().listen('no/such/folder')"))
    assert stderr.splitlines()[-1].startswith("listen() was called at ")
    assert stderr.splitlines()[-1].endswith("app.py:2")
    assert status == 1


def test_traceback_shows_the_users_frames_alone(start: Start, script: Script) -> None:
    path = script("from netloop import net\n"
                  "def serve(socket):\n    divide(0)\n"
                  "def divide(number):\n    return 1 / number\n"
                  "server = net.create_server(serve)\n"
                  "server.listen(0, '127.0.0.1', lambda: net.connect(server.address().port, '127.0.0.1'))\n")
    status, _, stderr = run(start, path)
    frames = [line.strip() for line in stderr.splitlines() if line.startswith("  File")]
    assert frames == [f'File "{path}", line 3, in serve', f'File "{path}", line 5, in divide']
    assert stderr.endswith("ZeroDivisionError: division by zero\n")
    assert status == 1


def test_wrong_argument_is_shown_at_the_line_that_gives_it(start: Start, script: Script) -> None:
    path = script("from netloop import net\n\nnet.create_server().listen(70000)\n")
    status, _, stderr = run(start, path)
    assert [line for line in stderr.splitlines() if line.strip("~^ ")] == [     # Python 3.13 underlines the call
        "Traceback (most recent call last):",
        f'  File "{path}", line 3, in <module>',
        "    net.create_server().listen(70000)",
        "netloop.errors.ArgumentValueError: port must be an int from 0 to 65535; got 70000 (int)",
    ]
    assert status == 1


def test_syntax_error_is_shown_without_frames(start: Start, script: Script) -> None:
    path = script("def broken(:\n")
    status, _, stderr = run(start, path)
    assert stderr.startswith(f'  File "{path}", line 1\n    def broken(:\n')
    assert stderr.endswith("SyntaxError: invalid syntax\n")
    assert status == 1


def test_programs_own_excepthook_gets_the_error(start: Start, script: Script) -> None:
    path = script("import sys\nsys.excepthook = lambda *what: print('mine:', what[1])\nraise KeyError(5)")
    assert run(start, path) == (1, "mine: 5\n", "")


@pytest.mark.parametrize("ending", ["sys.exit(7)", "set_timeout(sys.exit, 1, 7)"])
def test_exit_status_is_the_scripts(start: Start, script: Script, ending: str) -> None:
    path = script("import sys\nfrom netloop import set_interval, set_timeout\n"
                  f"set_interval(id, 1, 1)\n{ending}")
    assert run(start, path) == (7, "", "")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_ends_it_quietly_and_closes_what_is_open(start: Start, script: Script, number: int,
                                                        status: int) -> None:
    command = start("run", script(
        "from netloop import net\nserver = net.create_server().on('close', lambda: print('closed'))\n"
        "server.listen(0, '127.0.0.1', lambda: print('listening', flush=True))"))
    command.line_with("listening")
    command.signal(number)
    assert command.finish() == (status, b"closed\n", "")


def test_interrupt_before_the_loop_is_quiet_too(start: Start, script: Script) -> None:
    command = start("run", script("print('busy', flush=True)\nwhile True: pass"))
    command.line_with("busy")
    command.signal(signal.SIGINT)
    assert command.finish() == (130, b"", "")


def test_programs_own_signal_handler_stays(start: Start, script: Script) -> None:
    command = start("run", script(
        "import signal, sys\nfrom netloop import set_interval\nset_interval(id, 5, 1)\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\nprint('ready', flush=True)"))
    command.line_with("ready")
    command.signal(signal.SIGTERM)
    assert command.finish()[0] == 3


def test_why_lists_what_is_open(start: Start, script: Script) -> None:
    path = script("from netloop import net\nserver = net.create_server()\n"
                  "server.listen(0, '127.0.0.1', lambda: print('listening', flush=True))")
    command = start("run", "--why", path)
    command.line_with("listening")
    command.signal(signal.SIGINT)
    status, _, stderr = command.finish()
    assert stderr.startswith("\nopen:\n  <Server on ")
    assert f"made at {path}:3" in stderr
    assert status == 130


# --- nothing to run ---

@pytest.mark.parametrize(("arguments", "message"), [
    (["nowhere.py"], "netloop run: nowhere.py: No such file or directory\n"),
    (["-m", "no_such_module"], "netloop run: no_such_module: there is no module no_such_module to run\n"),
    (["-m", "no_such.module"], "netloop run: no_such.module: No module named 'no_such'\n"),
    (["-m", "json.no_such"], "netloop run: json.no_such: there is no module json.no_such to run\n"),
    (["."], "netloop run: .: Is a directory; for a package there is netloop run -m\n"),
])
def test_nothing_to_run_is_said_in_one_line(start: Start, arguments: list[str], message: str,
                                            tmp_path: Path) -> None:
    assert run(start, *arguments, cwd=tmp_path) == (1, "", message)


def test_import_error_inside_the_module_has_its_traceback(start: Start, tmp_path: Path) -> None:
    (tmp_path / "tool.py").write_text("import no_such_module")
    status, _, stderr = run(start, "-m", "tool", cwd=tmp_path)
    assert "tool.py\", line 1, in <module>" in stderr
    assert stderr.endswith("ModuleNotFoundError: No module named 'no_such_module'\n")
    assert status == 1
