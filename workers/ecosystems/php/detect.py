"""PHP: Pest or PHPUnit; PHPStan, PHP-CS-Fixer, Pint. Pure."""

from __future__ import annotations

import re

from workers.ecosystems.candidate import XML, Candidate, report
from workers.ecosystems.facts import Facts, below

_TESTS = re.compile(r"(^|/)tests?/.*\.php$|Test\.php$")


def detect(facts: Facts) -> Candidate | None:
    """Return a Composer package: Pest where it is required, else PHPUnit where it is configured."""
    if not facts.has("composer.json"):
        return None
    composer = facts.json("composer.json")
    required = {*below(composer, "require"), *below(composer, "require-dev")}
    name = composer.get("name")
    configured = facts.has("phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml")
    tests = facts.count(_TESTS, "php")
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
    return Candidate(
        "php", tool, run, tests, manager="composer", reports=XML, reader="junit", needs=("php", needed),
        test_changed=f"{run} {{files}}" if tool == "pest" else None,
    )  # fmt: skip
