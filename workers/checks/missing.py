"""What a suite needed and the sandbox does not have: a program, a newer one, or a dependency.

Law: only what the repository does not hold itself can be missing. A broken import of its own code is a failure of the
change and stays red.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from workers.reports import plain
from workers.sandbox import Limits, Session

_PROGRAM = re.compile(
    r"^(?:/(?:usr/)?bin/)?(?:bash|dash|make|sh)(?:\[\d+\])?: .*?([\w.+-]{1,60}): "
    r"(?:command not found|No such file|not found)",
    re.M,
)
_PYTHON = re.compile(r"No module named '?([A-Za-z_]\w{0,59})(?:\.[\w.]*)?'?\s*$", re.M)
_NODE = re.compile(r"Cannot find (?:module|package) '((?:@[\w.-]{1,60}/)?[A-Za-z_][\w.-]{0,59})")
_RUBY = re.compile(r"cannot load such file -- ([A-Za-z_][\w-]{0,59})(?:/[\w./-]{0,80})?(?: \(LoadError\))?\s*$", re.M)
_NAMED = (
    ("a compiler for {}", re.compile(r"^ *No CMAKE_(\w{1,20})_COMPILER could be found", re.M)),
    ("the compiler {}", re.compile(r"ERROR: Unknown compiler\(s\): \[\['([\w.+-]{1,40})'", re.M)),
    ("CMake {}", re.compile(r"^ *CMake (\d[\w.]{0,20}) or higher is required\.", re.M)),
    (
        "the CMake package {}",
        re.compile(r'^ *Could not find a package configuration file provided by "([\w.+-]{1,60})"', re.M),
    ),
    ("{}", re.compile(r"^ *Could NOT find ([\w.+-]{1,60}) \(missing: ", re.M)),
    (
        "the library {}",
        re.compile(r'links to:?\s+(?:target "?)?([\w.+-]{1,40}::[\w.+-]{1,40})"?\s+but the target was not\s+found'),
    ),
    ("the library {}", re.compile(r"ld: cannot find -l([\w.+-]{1,60})(?:: No such file or directory)?$", re.M)),
    ("Meson {}", re.compile(r"ERROR: Meson version is \S{1,20} but project requires ([<>=!, \d.\w]{1,40}?)\.?$", re.M)),
    ("the library {}", re.compile(r'ERROR: Dependency "([\w.+-]{1,60})" not found', re.M)),
    ("Elixir {}", re.compile(r"declared in its mix\.exs file it supports only Elixir ([<>=~!\w. -]{1,40}?)$", re.M)),
    ("Ruby {}", re.compile(r"Your Ruby version is \S{1,20}, but your Gemfile specified ([<>=~, \d.]{1,40}\d)", re.M)),
    ("Rust {}", re.compile(r"it requires rustc (\d[\w.]{0,20})(?: or newer)?, while the currently active", re.M)),
    (
        "Rust's edition {}",
        re.compile(r"^ *(?:supported edition values are .{1,60}, but|feature) `(?:edition)?(\d{4})` is ", re.M),
    ),
    ("Go {}", re.compile(r"^go: .{0,200}requires go >= (\d[\w.]{0,20})|^go: download go(\d[\w.]{0,20}) for ", re.M)),
    (
        "Java {}",
        re.compile(
            r"error: (?:invalid (?:source|target) release: |release version )(\d{1,2})(?: not supported)?", re.M
        ),
    ),
    ("PHP {}", re.compile(r'dependencies require a PHP version "([<>=~^ \d.]{1,20})"', re.M)),
    ("PHP's extension {}", re.compile(r'^PHPUnit requires the .{1,200} but the "([\w-]{1,30})"', re.M)),
    ("Swift {}", re.compile(r"is using Swift tools version (\d[\d.]{0,20}) but the installed version is", re.M)),
    (".NET {}", re.compile(r"The current \.NET SDK does not support targeting \.NET (\d[\d.]{0,10}\d)", re.M)),
)
"""What says which version or library is wanted: {} stands for what the tool names."""
_OFFLINE = re.compile(
    r"^error: no matching package (?:named `[^`\n]{1,80}` )?found"  # cargo
    r"|^\s*(?:error: |warning: )?(?:attempting to make an HTTP request, but --offline was specified"
    r"|unable to update registry `[^`\n]{1,80}`|can't checkout from '[^'\n]{1,200}': you are in the offline mode)"
    r"|^(?:go: |\S{1,200}:\d+(?::\d+)?: )[^\n]{0,300}module lookup disabled by (?:GOPROXY=off|-mod=\w+)"
    r"|^(?:go: |\S{1,200}:\d+(?::\d+)?: )[^\n]{0,400}: dial tcp[: ]"
    r"|^\[(?:ERROR|FATAL)\][^\n]{0,600}Cannot access \S{1,80} \([^)\n]{1,300}\) in offline mode"  # Maven
    r"|^\s*> No cached version of \S{1,200} available for offline mode"  # Gradle
    r"|Could not find (?:gem '[^'\n]{1,100}'|[\w.-]{1,80}-\d[^\n]{0,1000}) in "
    r"(?:any of the sources|locally installed gems)"  # Bundler
    r"|^bundler: command not found: "
    r"|^Could not find Hex, which is needed to build dependency|^Unchecked dependencies for environment "
    r"|(?:Cannot open (?:bootstrap script|file)|Failed opening required) [^\n]{0,300}vendor/autoload\.php"  # PHP
    r'|^ *add_subdirectory given source\s+"[^"\n]{1,300}/_deps/[^"\n]{1,100}"\s+which is not'
    r"|^ *(?:error: downloading '[^'\n]{1,300}' failed|Failed to clone repository: '[^'\n]{1,300}')"  # CMake
    r"|^[^\n]{0,300}: error NU(?:1301|1101): |^error: Failed to clone repository "  # .NET, Swift
    r"|^Got socket error trying to find package ",  # Dart
    re.M,
)
PACKAGES = "packages"
"""What is missing where a package tool says that it may not fetch."""
_LOOKED_AT = 200_000


def missing(output: str, session: Session) -> str | None:
    """The first program or dependency that the output says is not there and that is not the repository's own."""
    end = plain(output[-_LOOKED_AT:])
    if named := _first(end, session, (_PROGRAM, _PYTHON, _NODE, _RUBY)):
        return named
    if _OFFLINE.search(end):
        return PACKAGES
    return next(
        (words.format(found[found.lastindex or 0]) for words, form in _NAMED if (found := form.search(end))), None
    )


def missing_program(output: str, session: Session) -> str | None:
    """Likewise a program alone: what a chain of commands ended for after its tests had run."""
    return _first(plain(output[-_LOOKED_AT:]), session, (_PROGRAM,))


def _first(end: str, session: Session, patterns: Sequence[re.Pattern[str]]) -> str | None:
    for pattern in patterns:
        for name in list(dict.fromkeys(pattern.findall(end)))[:10]:
            if not _is_own(name, session):
                return str(name)
    return None


def _is_own(name: str, session: Session) -> bool:
    """Whether the repository has a file or folder of this name where programs look for their modules."""
    folders, endings = ("", "src/", "lib/", "tests/", "test/", "spec/"), ("", ".py", ".rb")
    places = [f"{folder}{name}{ending}" for folder in folders for ending in endings]
    tests = " || ".join(f"[ -e {shlex.quote(place)} ]" for place in places)
    return session.run(tests, limits=Limits(wall_seconds=30)).exit_code == 0
