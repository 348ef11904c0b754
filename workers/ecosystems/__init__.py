"""Each language that Shipmate knows is one folder here; this file says what such a folder may tell.

An `Ecosystem` is a value whose parts are optional, and all that differs by language iterates over `registry.ALL`, which
finds the folders by itself. So a language is added, or put right, in one folder: no table anywhere else names one.
[docs/ecosystems.md](../../docs/ecosystems.md) is the guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from workers.ecosystems.candidate import Candidate
from workers.ecosystems.facts import Facts
from workers.ecosystems.packages import Packages
from workers.ecosystems.suite import Test, TestForms
from workers.ecosystems.supply import Supply
from workers.reports import Finder, ReadOutput
from workers.reports.tally import Tally

Detect = Callable[[Facts], Candidate | None]
Alarm = Callable[[str, str], Iterator[tuple[str, str]]]
Spell = Callable[[str, frozenset[str], str], str | None]
ReadDocument = Callable[[object, Tally], str | None]


@dataclass(frozen=True)
class Select:
    """Name test files and single tests.

    `belongs` finds a path that belongs to the tests, data and fixtures included; `runnable` a file that the test tool
    takes by name; `before` a file that runs before every test and is none. `spell` says, by tool, how a test is named
    on a command line: (name in the report, files of the tree, folder of the project) -> the name, or None where it
    cannot be told.
    """

    belongs: re.Pattern[str] | None = None
    runnable: re.Pattern[str] | None = None
    before: re.Pattern[str] | None = None
    spell: Mapping[str, Spell] = field(default_factory=dict)


@dataclass(frozen=True)
class Readers:
    """Read what the tools of a language write, by the names that candidates and checks give their readers.

    `outputs` read what a test command prints, `findings` what a quick check prints. `documents` take one JSON test
    report, add its tests to a tally and name the source, or return None where the report is another tool's.
    `harmless` are types of results in a JUnit report that fail no test. Of tools in `agreeing`, output and report
    count the same tests as passed.
    """

    outputs: Mapping[str, ReadOutput] = field(default_factory=dict)
    findings: Mapping[str, Finder] = field(default_factory=dict)
    documents: tuple[ReadDocument, ...] = ()
    harmless: frozenset[str] = frozenset()
    agreeing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lack:
    """Recognise, in an output, what the sandbox lacks. Patterns are RE2's, so that no output makes them slow.

    `module` finds the names of modules that were imported and are not there; a file of the repository with that name
    and one of `endings` makes it a broken import instead. `wanted` are (sentence part, pattern): the part's {} is what
    the pattern's group found. `offline` are what a package tool prints when it may not download.
    """

    module: str = ""
    endings: tuple[str, ...] = ()
    wanted: tuple[tuple[str, str], ...] = ()
    offline: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnReader:
    """Read tests without a grammar of tree-sitter: the tests of a path's text, None where it cannot be parsed.

    `files` finds the paths, `asserts` is a word without which nothing is asserted. With `last_wins` a second definition
    of a test replaces the first.
    """

    files: re.Pattern[str]
    read: Callable[[str, str], list[Test] | None]
    asserts: str
    last_wins: bool = False


@dataclass(frozen=True)
class Weak:
    """A weak line as a scanner sees it: its words, how serious and certain it is (0 to 4), whether it is often fine."""

    line: int
    words: str
    weight: int
    mild: bool


@dataclass(frozen=True)
class Scan:
    """Look for weak code in files that `files` finds. Texts whose added lines `worth` refuses are not scanned.

    `run` returns what is weak in each text, None where the scanner failed.
    """

    files: re.Pattern[str]
    worth: Callable[[str], bool]
    run: Callable[[list[str]], list[list[Weak]] | None]


@dataclass(frozen=True)
class Plant:
    """A test that must fail: its text around `{name}`, and the name of a file that a tool takes for a test, as it takes
    a neighbour: (the neighbour's, a new word) -> the name.
    """

    text: str
    file: Callable[[str, str], str]


@dataclass(frozen=True)
class Ecosystem:
    """One language with its tools. `name` is what plans and records say, `label` what people read.

    `manifests` are the file names (with `*`) that make a folder a project of its own. Every one of `detect` is asked
    for a plan, `fallback` only where nothing else was found in the whole repository; of equally good plans the one
    with the lower `rank` is taken. `packages` is how its packages are declared and installed; `programs` are folders
    in which they put programs, `made` folders of what tools install or build, which nobody wrote. `supply` reads what
    manifests declare and locks pin, `tests` says how tests look, or `own_tests` reads them. `alarms` say of a file by
    its name, from its old and new text, (rule of the guards, what was done). `endings` are those of its sources
    (the usual ones), `sources` all of them where there are more,
    `recipes` files in which its tools keep commands.
    """

    name: str
    label: str
    rank: int = 50
    manifests: tuple[str, ...] = ()
    detect: tuple[Detect, ...] = ()
    fallback: Detect | None = None
    select: Select = field(default_factory=Select)
    readers: Readers = field(default_factory=Readers)
    lack: Lack = field(default_factory=Lack)
    packages: Packages | None = None
    supply: Supply | None = None
    programs: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    tests: tuple[TestForms, ...] = ()
    own_tests: OwnReader | None = None
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    scan: Scan | None = None
    plant: Plant | None = None
    endings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()
