"""What package tools print when they may not fetch, word for word: nothing was proven, and the reason is said."""

from __future__ import annotations

import pytest

from workers.checks.missing import PACKAGES, missing
from workers.sandbox import Ran

OFFLINE = {
    "cargo": "error: no matching package named `itoa` found\nlocation searched: crates.io index\n"
    "required by package `quay v0.1.0 (/workspace)`\nAs a reminder, you're using offline mode (--offline)",
    "cargo, a registry": "error: failed to get `itoa` as a dependency of package `quay v0.1.0`\n\nCaused by:\n"
    "  attempting to make an HTTP request, but --offline was specified",
    "go": "go: github.com/google/uuid@v1.6.0: module lookup disabled by GOPROXY=off",
    "go, a package": "quay.go:3:8: cannot find module providing package github.com/google/uuid: module lookup "
    "disabled by -mod=vendor",
    "go, no resolver": 'go: example.com/m@v1.0.0: Get "https://proxy.golang.org/x": dial tcp: lookup proxy.golang.org',
    "maven": "[ERROR] Failed to execute goal on project quay: Could not resolve dependencies for project a:quay:jar:1: "
    "Cannot access central (https://repo.maven.apache.org/maven2) in offline mode and the artifact junit:jar:4.13 "
    "has not been downloaded from it before. -> [Help 1]",
    "go, no network": 'calc.go:3:8: github.com/google/uuid@v1.6.0: Get "https://proxy.golang.org/github.com/google/uuid/'
    '@v/v1.6.0.zip": dial tcp: address proxy.golang.org: no suitable address found',
    "bundler": "Could not find gem 'webmock' in locally installed gems. (Bundler::GemNotFound)",
    "bundler, a lock file": "/x/definition.rb:486:in `materialize': Could not find minitest-5.20.0, rake-13.1.0 in "
    "any of the sources (Bundler::GemNotFound)",
    "mix": "Could not find Hex, which is needed to build dependency :jason\nShall I install Hex? [Yn] ** (Mix) Could "
    "not find an SCM for dependency :jason from Calc.MixProject",
    "phpunit": 'Cannot open bootstrap script "/workspace/vendor/autoload.php".',
    "cmake": "CMake Error at CMakeLists.txt:9 (add_subdirectory):\n  add_subdirectory given source\n"
    '  "/workspace/x/_deps/gt-src" which is not an\n  existing directory.',
    "gradle": "* What went wrong:\n   > No cached version of junit:junit:4.13 available for offline mode.",
}


WANTED = {
    "a compiler for Fortran": "CMake Error at x.cmake:2 (project):\n  No CMAKE_Fortran_COMPILER could be found.\n",
    "the compiler gfortran": "meson.build:1:0: ERROR: Unknown compiler(s): [['gfortran'], ['flang'], ['ifx']]\n",
    "CMake 3.99": "CMake Error at CMakeLists.txt:1 (cmake_minimum_required):\n  CMake 3.99 or higher is required.  You "
    "are running version 3.25.1\n",
    "the CMake package GTestX": '  Could not find a package configuration file provided by "GTestX" with any\n',
    "the library GTest::gtest_main": 'CMake Error at tests/CMakeLists.txt:3 (target_link_libraries):\n  Target "t" '
    "links to:\n\n    GTest::gtest_main\n\n  but the target was not found.  Possible reasons include:\n",
    "the library gtest_main": "/usr/bin/ld: cannot find -lgtest_main: No such file or directory\n",
    "Meson >=1.9": "meson.build:1:0: ERROR: Meson version is 1.0.1 but project requires >=1.9\n",
    "the library nonesuch": 'meson.build:2:0: ERROR: Dependency "nonesuch" not found, tried pkgconfig and cmake\n',
    "Elixir ~> 1.18": "** (Mix) You're trying to run :calc on Elixir v1.14.0 but it has declared in its mix.exs file "
    "it supports only Elixir ~> 1.18\n",
    "Java 21": "[ERROR] Failed to execute goal x: Fatal error: error: invalid target release: 21 -> [Help]\n",
    "PHP's extension dom": 'PHPUnit requires the "dom", "json" extensions, but the "dom", "mbstring" extensions are '
    "not available.\n",
    "webmock": "spec_helper.rb:1:in `require': cannot load such file -- webmock/rspec (LoadError)\n",
}


class Empty:
    """A session in which no file is found."""

    def run(self, _command: str, **_: object) -> Ran:
        return Ran(1, "", 0.0)


@pytest.mark.parametrize("tool", OFFLINE)
def test_a_tool_that_may_not_fetch_says_that_packages_are_missing(tool: str) -> None:
    assert missing(f"   Compiling\n{OFFLINE[tool]}\n", Empty()) == PACKAGES  # type: ignore[arg-type]  # all that is asked of one


@pytest.mark.parametrize("what", WANTED)
def test_a_library_or_a_newer_tool_that_is_wanted_is_named(what: str) -> None:
    assert missing(WANTED[what], Empty()) == what  # type: ignore[arg-type]  # likewise


class Full:
    """A session in which every file is found."""

    def run(self, _command: str, **_: object) -> Ran:
        return Ran(0, "", 0.0)


def test_a_ruby_file_of_the_repositorys_own_is_broken_and_not_missing() -> None:
    output = "spec_helper.rb:1:in `require': cannot load such file -- calc/twice (LoadError)\n"
    assert missing(output, Full()) is None  # type: ignore[arg-type]  # likewise


@pytest.mark.parametrize(
    "output",
    [
        "assert 'module lookup disabled by GOPROXY=off' in said",
        "print: error: no matching package named `x` found",
        "error[E0432]: unresolved import `itoa`",
        "--- FAIL: TestDepth (0.00s)",
    ],
)
def test_words_in_the_middle_of_other_output_mean_nothing(output: str) -> None:
    assert missing(output, Empty()) is None  # type: ignore[arg-type]  # likewise
