"""What a path is for, by its name: source, test, prose, translation, data.

Law: a kind only ever softens a suspicion; no fact depends on it.
"""

from __future__ import annotations

import re

_TEST = re.compile(
    r"(^|/)(tests?|testing|specs?|__tests__|__mocks__|e2e|testdata|test-?suites?|integration[-_]tests?|unit[-_]tests?)/|"
    r"(^|/)(test_[^/]*|[^/]*_test|conftest)\.pyw?$|[._-](test|spec|e2e|cy)\.[cm]?[jt]sx?$|"
    r"_test\.(go|cc|cpp|c|rs|exs?|dart|lua|zig)$|(^|/)test[-_.]?[^/]*\.(c|cc|cpp|h|[cm]?[jt]s|sh|pl|php|lua|rs)$|"
    r"(^|/)(tests?|spec)\.(py|[cm]?[jt]sx?|rs|c|cc|cpp|rb)$|_(spec|test)\.rb$|(^|/)[^/]*Tests?\.(php|java|kts?|cs|swift|scala|groovy|m|mm|fs|vb)$|"
    r"(^|/)(Test|IT)[A-Z][^/]*\.(java|kt)$|(^|/)[^/]*(Spec|IT|TestCase)\.(java|kt|scala|groovy|swift)$|src/[a-zA-Z]*[tT]est/"
)
_EXAMPLE = re.compile(
    r"(^|/)(docs?|documentation|examples?|samples?|fixtures?|demos?|tutorials?|__fixtures__|__snapshots__|cookbook)/|"
    r"\.(example|sample|template|dist|tpl)$|(^|/)\.env\.(example|sample|template|dist|test)$",
    re.I,
)
_PROSE = re.compile(
    r"\.(md|mdx|markdown|rst|(?<!CMakeLists\.)txt|adoc|asciidoc|org|tex|textile|html?|xhtml|pod|rdoc|wiki)$|"
    r"(^|/)(README|CHANGES|CHANGELOG|HISTORY|AUTHORS|CONTRIBUTORS|THANKS|CREDITS|NEWS|NOTICE|LICEN[CS]E)$",
    re.I,
)
_TRANSLATION = re.compile(
    r"\.(po|pot|xlf|xliff|xmb|xtb|arb|strings|stringsdict|xcstrings|resx|ftl|lang|srt|vtt)$|"
    r"(^|/)(locales?|i18n|l10n|lang|langs|languages?|translations?|intl|messages|nls|_locales|values-[a-z]{2}[^/]*|"
    r"[a-z]{2}\.lproj)/|[._-](ar|he|iw|fa|ur|ps|yi|dv|ckb|sd|ug)([-_][A-Z]{2})?\.(json|ya?ml|properties|toml|ini|php|rb|[jt]s)$",
    re.I,
)
_DATA = re.compile(
    r"\.(json|json5|csv|tsv|ya?ml|xml|svg|snap|golden|lock|sum|ipynb|map|geojson|jsonl|ndjson|plist|dat)$", re.I
)
_CODE = re.compile(
    r"\.(py|pyi|pyw|pyx|[cm]?[jt]sx?|vue|svelte|go|rs|java|kts?|scala|groovy|gradle|rb|rake|gemspec|php|cs|fs|vb|swift|m|mm|c|cc|"
    r"cpp|cxx|h|hh|hpp|hxx|ex|exs|erl|dart|lua|pl|pm|r|jl|sh|bash|zsh|fish|ps1|psm1|bat|cmd|sql|tf|zig|nim|hs|ml|clj|cljs|"
    r"sol|cmake|mk|awk|el|vim|proto)$|(^|/)(Makefile|GNUmakefile|Dockerfile|Rakefile|Gemfile|Jenkinsfile|CMakeLists\.txt)",
    re.I,
)


def is_test(path: str) -> bool:
    """A test or what tests stand on."""
    return _TEST.search(path) is not None


def is_example(path: str) -> bool:
    """Documentation, samples and fixtures."""
    return _EXAMPLE.search(path) is not None or _PROSE.search(path) is not None


def is_prose(path: str) -> bool:
    """Text that people read."""
    return _PROSE.search(path) is not None


def is_translation(path: str) -> bool:
    """Words in other languages."""
    return _TRANSLATION.search(path) is not None


def is_code(path: str) -> bool:
    """What a machine runs or builds by."""
    return _CODE.search(path) is not None


def is_data(path: str) -> bool:
    """Records; neither code nor prose."""
    return _DATA.search(path) is not None


def is_source(path: str) -> bool:
    """Code that is no test."""
    return is_code(path) and not is_test(path) and not _EXAMPLE.search(path)
