"""What is compiled, and how.  Everything else about the package is in pyproject.toml.

The engine is always compiled.  The rest is plain Python that a ``.pxd`` file beside it turns into C; with
``NETLOOP_PLAIN=1`` in the environment of the build it stays Python, on the compiled engine.

``NETLOOP_COMPILE_LATER=1`` leaves all of it to a ``build_ext --inplace`` that follows.  An editable installation compiles
in a directory of its own, so that the next build would compile everything once more.
"""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCE = Path("src")
sys.path.insert(0, str(SOURCE / "netloop"))
from _modules import RECORD, fingerprint  # noqa: E402  (the package itself cannot be imported before it is built)

del sys.path[0]         # beside it lies an `http` which is not the one that Cython imports

EPOLL = SOURCE / "netloop/_engine/epoll.pyx"
ENGINE = sorted(path for path in SOURCE.glob("netloop/_engine/*.pyx")
                if path != EPOLL or sys.platform == "linux")
LATER = bool(os.environ.get("NETLOOP_COMPILE_LATER"))
PLAIN = bool(os.environ.get("NETLOOP_PLAIN"))
COMPILED = [] if PLAIN else sorted(path.with_suffix(".py") for path in SOURCE.glob("netloop/**/*.pxd")
                                   if path.with_suffix(".py").exists())
# Calls into the interpreter go straight through its address table, and not by a stub each: fewer lines of code to fetch.
FLAGS = ["-O2", "-g0", *(["-fno-plt"] if sys.platform == "linux" else [])]
DIRECTIVES = {
    "language_level": 3,
    "annotation_typing": False,     # annotations are for readers and mypy; the .pxd alone decides C types
    "boundscheck": False,
    "wraparound": False,
    "initializedcheck": False,
    "nonecheck": True,              # whoever forgot super().__init__() gets an AttributeError, and no crash
    "embedsignature": True,
    "embedsignature.format": "python",
    "auto_pickle": False,
    "freethreading_compatible": False,
}


def module_name(path):
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


# Read before anything is compiled: what somebody edits meanwhile counts as not compiled.
FINGERPRINTS = "".join(f"{module_name(path)} {fingerprint(path)}\n" for path in ENGINE + COMPILED)


class Build(build_ext):
    """Compiles, then records which sources each module was compiled from (see netloop/_modules.py)."""

    def run(self):
        self.parallel = self.parallel or os.cpu_count()
        super().run()
        root = SOURCE if self.inplace else Path(self.build_lib)
        (root / "netloop" / RECORD).write_text(FINGERPRINTS)


setup(
    cmdclass={"build_ext": Build},
    ext_modules=[] if LATER else cythonize(
        [Extension(module_name(path), [str(path)], extra_compile_args=FLAGS) for path in ENGINE + COMPILED],
        compiler_directives=DIRECTIVES, nthreads=os.cpu_count() if sys.platform == "linux" else 0, quiet=True),
)
