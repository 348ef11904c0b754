"""C and C++ with CMake, Meson or autotools. Pure.

Law: what is built goes into the folder for reports, which is emptied before each run: no old binary is tested.
"""

from __future__ import annotations

import re

from workers.ecosystems.candidate import Candidate, report
from workers.ecosystems.facts import REPORTS, Facts

_TESTS = re.compile(r"(^|/)(tests?|unittests?|testing|t)/|(^|/)(test|tests)[^/]*\.(c|cc|cpp|cxx)$|_test\.(c|cc|cpp)$")
_SOURCES = ("c", "cc", "cpp", "cxx", "h", "hpp", "m", "f90", "f")
_OPTION = re.compile(r"^\s*(?:cmake_dependent_)?option\s*\(\s*\"?(\w+)", re.M | re.I)
_TESTING = re.compile(
    r"^(\w+_)?(BUILD_?|ENABLE_|WITH_)?(UNIT_?)?TEST(S|ING)?$|^\w+_(BUILD|ENABLE)_(\w+_)?(UNIT)?TEST(S|ING)?$", re.I
)
_SPECIAL = re.compile(
    r"COVERAGE|CUDA|FUZZ|PERF|BENCH|DISABLE|NO_|SSL|ASYNC|INSTALL|NETWORK|VALGRIND|EXTERNAL|GPU|HIP", re.I
)
_CMAKE_TESTS = re.compile(
    r"enable_testing\s*\(|include\s*\(\s*CTest\s*\)|add_test\s*\(|add_subdirectory\s*\(\s*\"?(\S*/)?tests?\b", re.I
)


def detect(facts: Facts) -> Candidate | None:
    """Return the plan for a project in C, C++ or alike, by the build system that says the most of its tests."""
    if not facts.has("CMakeLists.txt", "meson.build", "Makefile.am", "configure.ac", "configure.in"):
        return None
    if not facts.of(*_SOURCES):
        return None
    tests = facts.count(_TESTS, *_SOURCES) or 1
    return _meson(facts, tests) or _cmake(facts, tests) or _autotools(facts, tests)


def _cmake(facts: Facts, tests: int) -> Candidate | None:
    text = facts.text("CMakeLists.txt")
    if not _CMAKE_TESTS.search(text):
        return None
    options = [name for name in _OPTION.findall(text) if _TESTING.match(name) and not _SPECIAL.search(name)]
    flags = " ".join([*(f"-D{name}=ON" for name in dict.fromkeys(options[:5])), *_fetching(facts)])
    build = report(facts, "cmake")
    junit = f'"$PWD"/{report(facts, "ctest.xml")}'
    made = f"cmake -S . -B {build} -DCMAKE_BUILD_TYPE=Debug {flags}".rstrip() + f" && cmake --build {build} --parallel"
    run = f"ctest --test-dir {build} --output-on-failure --output-junit {junit}"
    return Candidate(
        "native", "ctest", f"{made} && {run}", tests, "cmake", "cmake", (f"{REPORTS}/ctest.xml",), "junit",
        ("cmake", "ctest", "cc"), select=f"{made} && {run} -R {{tests|}}",
    )  # fmt: skip


def _fetching(facts: Facts) -> list[str]:
    """Return the options that keep CMake from a minute of useless downloads, and lets an installed library stand in for
    a fetched one.

    Where the sandbox has a way out, which its environment tells, it may download.
    """
    scripts = [path for path in facts.of("txt", "cmake") if path.endswith((".cmake", "CMakeLists.txt"))]
    if not any("FetchContent" in facts.text(path) for path in scripts[:60]):
        return []
    alone = '$([ -n "$https_proxy" ] || echo -DFETCHCONTENT_FULLY_DISCONNECTED=ON)'
    return ["-DFETCHCONTENT_TRY_FIND_PACKAGE_MODE=ALWAYS", alone]


def _meson(facts: Facts, tests: int) -> Candidate | None:
    if not facts.has("meson.build"):
        return None
    own = [path for path in facts.of("build") if path.endswith("meson.build")][:80]
    if not any(re.search(r"\btest\s*\(", facts.text(path)) for path in own):
        return None
    build = report(facts, "meson")
    run = f"meson test -C {build} --print-errorlogs"
    return Candidate(
        "native", "meson", f"meson setup {build} --wrap-mode=nodownload && {run}", tests, "meson", "meson",
        (f"{REPORTS}/meson/meson-logs/testlog.junit.xml",), "junit", ("meson", "ninja", "cc"),
    )  # fmt: skip


def _autotools(facts: Facts, tests: int) -> Candidate | None:
    if not facts.has("Makefile.am", "configure.ac", "configure.in"):
        return None
    made = "{ [ -x configure ] || autoreconf -fi; } && ./configure && make -j2"
    tool = "make check"
    needs = (tool.split(maxsplit=1)[0], "cc", *(() if facts.has("configure") else ("autoreconf",)))
    return Candidate(
        "native", tool, f"{made} && {tool}", tests, "autotools", "autotools", reader="automake",
        needs=needs,
    )  # fmt: skip
