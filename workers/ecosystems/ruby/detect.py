"""Ruby: RSpec, Rails' tests, Rake's test task or bare Minitest; RuboCop. Pure."""

from __future__ import annotations

import re

from workers.ecosystems.candidate import Candidate, Check, check, report
from workers.ecosystems.facts import REPORTS, Facts

_RSPEC = re.compile(r"(^|/)spec/.*_spec\.rb$")
_MINITEST = re.compile(r"(^|/)test/(.*/)?(test_[^/]+|[^/]+_test|spec_[^/]+|[^/]+_spec)\.rb$")
_RAKE_TASK = re.compile(
    r"Rake::TestTask|Minitest::TestTask|RSpec::Core::RakeTask|task\s*\(?:?[\"']?test\b|default.*(test|spec)"
)


def detect(facts: Facts) -> Candidate | None:
    """Return a gem or an application: RSpec where it has specs, else Rails' or Rake's test task."""
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
