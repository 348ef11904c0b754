"""The line that says why nothing ran, out of what real tools print."""

from __future__ import annotations

import pytest

from bot.domain.verdict import Counts, Verdict
from workers.checks import Plan
from workers.checks.complaint import LONGEST, complaint
from workers.checks.evidence import Base, judge
from workers.checks.suite import Suite

SAID = {
    "rustc": (
        "   Compiling calc v0.1.0 (/workspace)\nerror[E0425]: cannot find value `c` in this scope\n"
        " --> src/lib.rs:9:9\n  |\n9 |     a - c\nerror: could not compile `calc` due to previous error\n",
        "src/lib.rs:9: cannot find value `c` in this scope",
    ),
    "gcc under make": (
        "[ 10%] Building CXX object CMakeFiles/calc.dir/src/calc.cpp.o\n"
        "/workspace/src/calc.cpp: In function 'int add(int, int)':\n"
        "/workspace/src/calc.cpp:2:36: error: 'c' was not declared in this scope\n"
        "gmake[2]: *** [CMakeFiles/calc.dir/build.make:76: CMakeFiles/calc.dir/src/calc.cpp.o] Error 1\n",
        "src/calc.cpp:2: 'c' was not declared in this scope",
    ),
    "gcc in colours under ninja": (
        "\x1b[01m\x1b[K../../../src/calc.cpp:2:36:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: \x1b[m'c' was not declared\n",
        "src/calc.cpp:2: 'c' was not declared",
    ),
    "the linker": (
        "/usr/bin/ld: t.o: in function `main':\nt.c:(.text+0x9): undefined reference to `add'\n"
        "collect2: error: ld returned 1 exit status\nmake: *** [Makefile:4: t] Error 1\n",
        "undefined reference to `add'",
    ),
    "cmake": (
        "CMake Error at tests/CMakeLists.txt:3 (add_executable):\n  Cannot find source file:\n\n    a.cpp\n\n\n"
        "CMake Generate step failed.\n",
        "tests/CMakeLists.txt:3: Cannot find source file: a.cpp",
    ),
    "meson": ('\nmeson.build:2:0: ERROR: Unknown variable "x".\n\nA full log\n', 'meson.build:2: Unknown variable "x"'),
    "configure": ("checking for x... no\nconfigure: error: libx is required\n", "libx is required"),
    "maven": (
        "[INFO] Compiling\n[ERROR] COMPILATION ERROR : \n[ERROR] /workspace/src/main/java/calc/Calc.java:[5,20] cannot "
        "find symbol\n",
        "src/main/java/calc/Calc.java:5: cannot find symbol",
    ),
    "gradle": (
        ":compileJava/workspace/src/main/java/calc/Calc.java:5: error: cannot find symbol\n        return a - c;\n",
        "src/main/java/calc/Calc.java:5: cannot find symbol",
    ),
    "surefire": (
        "[ERROR] Failed to execute goal x: \n[ERROR] The forked VM terminated without properly saying goodbye. VM "
        "crash or System.exit called?\n",
        "The forked VM terminated without properly saying goodbye. VM crash or System.exit called?",
    ),
    "mix": (
        "== Compilation error in file lib/calc.ex ==\n** (CompileError) lib/calc.ex:8: undefined function c/0\n",
        "lib/calc.ex:8: undefined function c/0",
    ),
    "ruby": (
        "<internal:/usr/lib/kernel_require.rb>:85:in `require': /workspace/lib/calc.rb:3: syntax error, unexpected "
        "`end' (SyntaxError)\n\tfrom <internal>\nrake aborted!\n",
        "lib/calc.rb:3: syntax error, unexpected `end'",
    ),
    "ruby, a name": (
        "/workspace/test/a_test.rb:3:in `<main>': uninitialized constant Calcc (NameError)\n",
        "uninitialized constant Calcc (NameError)",
    ),
    "php": (
        'PHP Parse error:  syntax error, unexpected token ";" in /workspace/src/Calc.php on line 8\n',
        'syntax error, unexpected token ";" in src/Calc.php on line 8',
    ),
    "phpunit": (
        'Error in bootstrap script: ParseError:\nsyntax error, unexpected token ";"\n#0 /usr/share/php/x.php(66)\n',
        'syntax error, unexpected token ";"',
    ),
    "dotnet": (
        "/workspace/src/Calc.cs(5,16): error CS0103: The name 'c' does not exist [/workspace/src/Calc.csproj]\n",
        "src/Calc.cs:5: CS0103: The name 'c' does not exist [src/Calc.csproj]",
    ),
    "python": (
        'Traceback (most recent call last):\n  File "x", line 1\nTypeError: bad operand\n',
        "TypeError: bad operand",
    ),
    "nobody": ("3 files read\nall done\n", ""),
}


@pytest.mark.parametrize("tool", SAID)
def test_the_line_that_tells_the_cause_is_found(tool: str) -> None:
    output, line = SAID[tool]
    assert complaint(output) == line


def test_a_hostile_line_is_cut_to_one_short_line() -> None:
    found = complaint("error: " + "a" * 5_000_000 + "\n")
    assert len(found) <= LONGEST
    assert "\n" not in found


def test_a_run_that_never_began_says_why() -> None:
    head = Suite(code=101, output=SAID["rustc"][0])
    base = Base(Suite(code=0, counts=Counts(passed=2)))
    assert judge(Plan("x", "cargo test"), head, base) == (
        Verdict.RED,
        ("The command ended with exit code 101: src/lib.rs:9: cannot find value `c` in this scope.",),
    )


def test_what_never_began_before_either_says_why_and_blames_nobody() -> None:
    broken = Suite(code=1, output=SAID["configure"][0])
    verdict, reasons = judge(Plan("x", "make check"), broken, Base(broken))
    assert verdict is Verdict.UNPROVEN
    assert reasons == (
        "The checks can't run here, and couldn't before this change either (exit code 1): libx is required.",
    )
