"""Ruby, PHP, Dart, Flutter and Elixir. Pure."""

from __future__ import annotations

import re

from workers.checks import Check
from workers.checks.plan.candidate import XML, Candidate, check, report
from workers.checks.plan.facts import REPORTS, Facts, below

_RSPEC = re.compile(r"(^|/)spec/.*_spec\.rb$")
_MINITEST = re.compile(r"(^|/)test/(.*/)?(test_[^/]+|[^/]+_test|spec_[^/]+|[^/]+_spec)\.rb$")
_RAKE_TASK = re.compile(
    r"Rake::TestTask|Minitest::TestTask|RSpec::Core::RakeTask|task\s*\(?:?[\"']?test\b|default.*(test|spec)"
)
_PHP = re.compile(r"(^|/)tests?/.*\.php$|Test\.php$")
_DART = re.compile(r"(^|/)test/.*_test\.dart$")
_ELIXIR = re.compile(r"(^|/)test/.*_test\.exs$")


def ruby(facts: Facts) -> Candidate | None:
    """A gem or an application: RSpec where it has specs, else Rails' or Rake's test task."""
    gemspec = next((path for path in facts.top if path.endswith(".gemspec")), None)
    if not facts.has("Gemfile", "Rakefile") and not gemspec:
        return None
    specs, tests = facts.count(_RSPEC, "rb"), facts.count(_MINITEST, "rb")
    declared = "\n".join(facts.text(name) for name in ("Gemfile", gemspec or "", "Gemfile.lock"))
    bundle = "bundle exec " if facts.has("Gemfile") else ""
    needs = ("ruby", "bundle") if bundle else ("ruby",)
    quick: tuple[Check, ...] = ()
    if facts.has(".rubocop.yml"):
        command = f"{bundle}rubocop --force-exclusion --format json {{files}}"
        quick = (check("rubocop", command, "lint", "rubocop", (*needs, "rubocop"), (".rb", ".rake")),)
    if specs and specs >= tests and (facts.has(".rspec") or "rspec" in declared):
        run = f"{bundle}rspec --format progress --format json --out {report(facts, 'rspec.json')}"
        return Candidate(
            "ruby", "rspec", run, specs, manager="bundler", reports=(f"{REPORTS}/*.json",), reader="rspec", needs=needs,
            quick=quick, test_changed=f"{run} {{files}}",
        )  # fmt: skip
    if not tests:
        return None
    if facts.has("bin/rails", "config/application.rb"):
        return Candidate(
            "ruby", "rails test", "bin/rails test -v", tests, manager="bundler", reader="minitest", needs=needs,
            quick=quick, test_changed="bin/rails test -v {files}",
        )  # fmt: skip
    if facts.has("Rakefile") and _RAKE_TASK.search(facts.text("Rakefile")):
        return Candidate(
            "ruby", "rake test", f"{bundle}rake test TESTOPTS=-v", tests, manager="bundler", reader="minitest",
            needs=needs, quick=quick,
        )  # fmt: skip
    required = 'ARGV.each { |f| require File.expand_path(f) unless f == "-v" }'
    one = f"{bundle}ruby -Ilib:test -e '{required}' -- -v"
    found = "$(find test -name '*_test.rb' -o -name 'test_*.rb' | sort)"
    return Candidate(
        "ruby", "minitest", f"{one} {found}", tests, manager="bundler", reader="minitest", needs=needs, quick=quick,
        test_changed=f"{one} {{files}}",
    )  # fmt: skip


def php(facts: Facts) -> Candidate | None:
    """A Composer package: Pest where it is required, else PHPUnit where it is configured."""
    if not facts.has("composer.json"):
        return None
    composer = facts.json("composer.json")
    required = {*below(composer, "require"), *below(composer, "require-dev")}
    name = composer.get("name")
    configured = facts.has("phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml")
    tests = facts.count(_PHP, "php")
    if not tests:
        return None
    vendor = "vendor/bin/"
    if facts.has("tests/Pest.php") or "pestphp/pest" in required or name == "pestphp/pest":
        tool, needed = "pest", "bin/pest" if name == "pestphp/pest" else f"{vendor}pest"
    elif configured or "phpunit/phpunit" in required or "symfony/phpunit-bridge" in required:
        bridge = "symfony/phpunit-bridge" in required and "phpunit/phpunit" not in required
        tool, needed = "phpunit", f"{vendor}simple-phpunit" if bridge else "phpunit"
    else:
        return None
    # The repository's own PHPUnit, else the one of the sandbox.
    started = 'PATH="$PWD/vendor/bin:$PATH" phpunit' if needed == "phpunit" else f"php {needed}"
    run = f"{started} --log-junit {report(facts, 'phpunit.xml')}"
    quick = []
    if facts.has("phpstan.neon", "phpstan.neon.dist", "phpstan.dist.neon"):
        command = f"php {vendor}phpstan analyse --error-format=raw --no-progress --memory-limit=1G"
        quick.append(check("phpstan", command, "types", "lines", ("php", f"{vendor}phpstan"), (".php",)))
    if facts.has(".php-cs-fixer.php", ".php-cs-fixer.dist.php"):
        command = f"php {vendor}php-cs-fixer fix --dry-run --format=json --path-mode=intersection {{files}}"
        quick.append(
            check("php-cs-fixer", command, "format", "php-cs-fixer", ("php", f"{vendor}php-cs-fixer"), (".php",))
        )
    if facts.has("pint.json"):
        command = f"php {vendor}pint --test --format=json {{files}}"
        quick.append(check("pint", command, "format", "php-cs-fixer", ("php", f"{vendor}pint"), (".php",)))
    return Candidate(
        "php", tool, run, tests, manager="composer", reports=XML, reader="junit", needs=("php", needed),
        quick=tuple(quick), test_changed=f"{run} {{files}}" if tool == "pest" else None,
    )  # fmt: skip


def dart(facts: Facts) -> Candidate | None:
    """A Dart or Flutter package."""
    if not facts.has("pubspec.yaml") or not facts.count(_DART, "dart"):
        return None
    pubspec = facts.text("pubspec.yaml")
    flutter = re.search(r"^\s+sdk:\s*flutter\s*$", pubspec, re.M) is not None
    program = "flutter" if flutter else "dart"
    run = f"{program} test{' --no-pub' if flutter else ''} --file-reporter=json:{report(facts, 'dart.json')}"
    quick = []
    if facts.uses("dart format") or facts.uses("dart_format") or facts.uses("flutter format"):
        command = "dart format --output=none --set-exit-if-changed {files}"
        quick.append(check("dart format", command, "format", "reformat", ("dart",), (".dart",)))
    if facts.has("analysis_options.yaml"):
        command = "dart analyze --format=machine"
        quick.append(check("dart analyze", command, "lint", "dart-analyze", ("dart",), (".dart",)))
    return Candidate(
        "dart", f"{program} test", run, facts.count(_DART, "dart"), manager="pub", reports=(f"{REPORTS}/*.json",),
        reader="dart", needs=(program,), quick=tuple(quick), test_changed=f"{run} {{files}}",
    )  # fmt: skip


def elixir(facts: Facts) -> Candidate | None:
    """A Mix project."""
    if not facts.has("mix.exs") or not facts.count(_ELIXIR, "exs"):
        return None
    quick = []
    if facts.has(".formatter.exs"):
        command = "mix format --check-formatted {files}"
        quick.append(check("mix format", command, "format", "mix-format", ("mix",), (".ex", ".exs", ".heex")))
    if facts.has(".credo.exs"):
        quick.append(check("credo", "mix credo --format flycheck", "lint", "lines", ("mix",), (".ex", ".exs")))
    run = "mix test --no-color"
    return Candidate(
        "elixir", "mix test", run, facts.count(_ELIXIR, "exs"), manager="mix", reader="mix", needs=("mix",),
        quick=tuple(quick), test_changed=f"{run} {{files}}", select=f"{run} {{tests:--only test:}}",
    )  # fmt: skip
