"""Every rule of the guards: its level, whether it states a plain fact, and why it is there.

Law: a guard can only find what stands in this table; `docs/guards.md` prints it.
"""

from __future__ import annotations

from dataclasses import dataclass

from workers.guards.found import Found, Level, spell_path


@dataclass(frozen=True)
class Rule:
    """`fact` rules say what the change plainly does (a file of CI was changed); the others suspect something."""

    level: Level
    fact: bool
    why: str


def _fact(level: Level, why: str) -> Rule:
    return Rule(level, True, why)


def _suspicion(level: Level, why: str) -> Rule:
    return Rule(level, False, why)


RULES: dict[str, Rule] = {
    # paths
    "ci": _fact("block", "CI runs with rights that a change must not give itself"),
    "owners": _fact("block", "who must review is decided by people"),
    "policy": _fact("block", "the checks that prove a change are set by people"),
    "submodule": _fact("block", "a submodule brings code from elsewhere that nobody sees in the diff"),
    "agent-rules": _fact("hold", "what agents are told steers every later change"),
    "git-attributes": _fact("hold", "attributes decide what a diff shows and which filters run"),
    "editor-task": _fact(
        "hold", "editors, shells and git hooks run such files on the machines of the people who open them"
    ),
    # shape
    "symlink-out": _fact("block", "a link that leaves the repository reads or writes what is not its own"),
    "symlink": _fact("flag", "a link makes one path mean another"),
    "special-file": _suspicion("block", "what is no regular file cannot be reviewed"),
    "too-large": _fact("block", "more than 10 MB cannot be reviewed and stays in the history for ever"),
    "binary": _fact("hold", "a binary file cannot be read in a diff"),
    "image": _fact("flag", "a picture or a font cannot be read in a diff, but it is not run either"),
    "executable": _fact("flag", "a file became a program"),
    "minified": _suspicion("flag", "very long lines hide code from a reader"),
    "mass-delete": _fact("hold", "many files go at once"),
    "signing-material": _fact("block", "keys and profiles that sign software do not belong into a history"),
    "unexamined": _suspicion("hold", "the guards could not look at everything"),
    # characters
    "bidi": _suspicion("block", "characters that turn the direction of text make code read differently than it runs"),
    "bidi-prose": _suspicion("flag", "direction marks belong into texts of right-to-left languages; look once"),
    "hidden": _suspicion("block", "invisible characters hide instructions and names from a reader"),
    "hidden-prose": _suspicion("flag", "invisible characters in prose are mostly accidents of copying"),
    "control": _suspicion("flag", "control characters can rewrite what a terminal shows"),
    "homoglyph": _suspicion("block", "a name of mixed scripts looks like another name"),
    "homoglyph-prose": _suspicion("flag", "a word of mixed scripts looks like another word"),
    # secrets
    "secret": _suspicion("block", "a key in a history is a leaked key, even when it is removed later"),
    "secret-public": _suspicion("hold", "a key that is meant to be public still lets its finder write in your name"),
    "own-secret": _suspicion("block", "a secret of this installation, plain or encoded, must not leave it"),
    # the tamper alarm
    "test-deleted": _fact("hold", "a test that is gone finds nothing any more"),
    "test-skipped": _fact("hold", "a test that does not run proves nothing"),
    "test-focused": _fact("hold", "a test that runs alone keeps all others from running"),
    "test-new-skipped": _fact("flag", "a new test that does not run proves nothing yet"),
    "test-loosened": _suspicion("hold", "a test that asserts less lets more through"),
    "test-vacuous": _suspicion("flag", "a test that cannot fail proves nothing"),
    "expectation-changed-alone": _suspicion("hold", "an expected value changed although no source did"),
    "expectation-changed": _fact("flag", "an expected value changed together with the source"),
    "test-mocked": _suspicion("flag", "a test that replaces what it tests proves the replacement"),
    "test-retried": _suspicion("flag", "a test that runs until it passes proves little"),
    "forced": _suspicion("hold", "a check that cannot fail proves nothing"),
    "result-rewritten": _suspicion("hold", "hooks of a test runner can report what never happened"),
    "deselected": _suspicion("hold", "tests that are left out of the run prove nothing"),
    "special-cased": _suspicion("hold", "code that knows when it is tested can behave then and only then"),
    "test-aware": _suspicion("flag", "code that asks for a test or CI environment may behave differently there"),
    "silenced-file": _suspicion("hold", "a whole file goes unchecked"),
    "silenced": _fact("flag", "one line goes unchecked"),
    "settings-weakened": _fact("hold", "linters, type checkers, coverage or test runners look at less"),
    "settings-suspect": _suspicion("hold", "linters, type checkers, coverage or test runners seem to look at less"),
    # supply chain
    "dependency-added": _fact("hold", "a new package runs other people's code with the rights of this one"),
    "dependency-source": _fact("hold", "a package from a URL or a repository can change under the same name"),
    "dependency-version": _fact("flag", "another version is other code"),
    "dependency-unreadable": _suspicion("hold", "what a manifest declares must be readable"),
    "index-changed": _suspicion("hold", "whoever serves the packages decides what they are"),
    "lock-without-manifest": _fact("hold", "a lock that changes alone changes what is installed without saying why"),
    "lock-source": _fact("hold", "a package from another host than its registry may be another package"),
    "lock-integrity": _fact("hold", "the same version with other bytes is another package"),
    "lock-unreadable": _suspicion("hold", "what a lock pins must be readable"),
    "index-settings": _fact("hold", "settings of a package manager decide where packages come from"),
    "install-script": _fact("hold", "such a script runs by itself, before anybody has tested it"),
    "install-code": _suspicion("hold", "such code runs by itself, before anybody has tested it"),
    "conftest": _fact("hold", "hooks and start-up code of the test runner decide what tests see and report"),
    "conftest-plain": _fact("flag", "many tests stand on it"),
    # weak code
    "weakness": _suspicion("hold", "bandit is sure, and takes it for serious"),
    "weakness-possible": _suspicion("flag", "bandit thinks that this may be weak"),
    "weakness-unread": _suspicion("flag", "what was not scanned may be weak"),
    "tls-off": _suspicion("flag", "a connection that trusts everybody can be read and changed by everybody"),
    "runs-input": _suspicion("flag", "what runs input runs an attacker's input too"),
    "writes-markup": _suspicion("flag", "unescaped markup carries other people's scripts"),
    "builds-sql": _suspicion("flag", "values in the text of a query can change the query"),
    # licences
    "licence-changed": _fact("hold", "terms of use are decided by the owners"),
    "licence-year": _fact("flag", "only the year of a notice was changed"),
    "licence-header": _fact("hold", "notices of owners and licences must stay"),
    "licence-foreign": _suspicion("hold", "a file under stricter terms can bind the whole repository"),
    "licence-suspect": _suspicion("flag", "text from elsewhere brings its terms with it"),
    "random-string": _suspicion("flag", "a long random string may be a key of a kind unknown here"),
}


def found(rule: str, path: str, sentence: str) -> Found:
    """A finding of a rule. `sentence` has no path and no full stop; its outside text is spelled already."""
    return Found(rule, RULES[rule].level, path, f"{spell_path(path)}: {sentence}.")
