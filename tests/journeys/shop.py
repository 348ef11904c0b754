"""A tiny repository for journeys, and the scripts that work on it: quick to check, and no two changes collide.

Law: the shop's own test command writes a real JUnit report; nothing about the results is made up by the tests.
"""

from __future__ import annotations

from pathlib import Path

NAME = "acme/shop"

_CHECK = """\
mkdir -p reports
failed=0
: > reports/cases
for good in goods/*.txt; do
  fault=
  if ! grep -Eq '^[0-9]+$' "$good"; then
    failed=$((failed + 1))
    fault="<failure message='no price'/>"
  fi
  echo "<testcase classname='prices' name='$(basename "$good")'>$fault</testcase>" >> reports/cases
done
tests=$(wc -l < reports/cases)
{ echo "<testsuite name='shop' tests='$tests' failures='$failed'>"; cat reports/cases; echo "</testsuite>"; } \\
  > reports/junit.xml
rm reports/cases
echo "$tests prices, $failed failed"
exit "$failed"
"""

_FILES = {
    "README.md": "# Shop\n\nEvery good has its price in cents.\n",
    "goods/bread.txt": "250\n",
    "goods/honey.txt": "800\n",
    "check.sh": _CHECK,
    ".gitignore": "reports/\n",
    ".shipmate.toml": '[checks]\ntest = "sh check.sh"\nreports = ["reports/*.xml"]\n',
    ".github/workflows/ci.yml": """\
name: CI

on:
  pull_request:

jobs:
  prices:
    name: Prices
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - name: Check
        run: sh check.sh
      - name: Keep the report
        if: always()
        uses: actions/upload-artifact@v5
        with:
          name: reports
          path: reports
""",
}

_SCRIPTS = {
    "sell.toml": """\
title = "sell something"
match = ['(?is)\\bsell (?P<good>[a-z]+) for (?P<cents>[0-9]+)\\b']

[[turn]]
think = "I will look at the shop first."
[[turn.tools]]
bash = "ls goods; cat README.md"
[[turn.tools]]
view = "/workspace/check.sh"

[[turn]]
think = "One file, one price."
[[turn.tools]]
create.path = "/workspace/goods/{{good}}.txt"
create.text = "{{cents}}\\n"
[[turn.tools]]
bash = "cat goods/{{good}}.txt"

[[turn]]
think = "Now the checks."
[[turn.tools]]
bash = "sh check.sh"

[[turn]]
[[turn.tools]]
[turn.tools.finish]
title = "Sell {{good}}"
summary = "The shop now sells {{good}} for {{cents}} cents."
proven = "Every good has a price."
""",
    "dearer.toml": """\
title = "make something dearer"
match = ['(?is)\\bmake (?P<good>[a-z]+) cost (?P<cents>[0-9]+)\\b']

[[turn]]
[[turn.tools]]
bash = "echo {{cents}} > goods/{{good}}.txt; sh check.sh"

[[turn]]
[[turn.tools]]
[turn.tools.finish]
title = "Sell {{good}} for {{cents}}"
summary = "The price of {{good}} is now {{cents}} cents."
""",
    "ask.toml": """\
title = "price something"
match = ['(?is)\\bprice (?P<good>[a-z]+)\\b']

[[turn]]
[[turn.tools]]
[turn.tools.ask]
question = "What should {{good}} cost?"
options = ["100 cents", "200 cents"]

[[turn]]
when = '(?P<cents>[0-9]+) cents'
[[turn.tools]]
bash = "echo {{cents}} > goods/{{good}}.txt"

[[turn]]
[[turn.tools]]
[turn.tools.finish]
title = "Price {{good}}"
summary = "The price of {{good}} is {{cents}} cents."
""",
    "fix.toml": """\
title = "forget a price at first"
match = ['(?is)\\bstock (?P<good>[a-z]+)\\b']

[[turn]]
[[turn.tools]]
bash = "echo soon > goods/{{good}}.txt"

[[turn]]
[[turn.tools]]
[turn.tools.finish]
title = "Stock {{good}}"
summary = "The shop stocks {{good}}."

[[turn]]
think = "The checks want a price."
[[turn.tools]]
bash = "echo 500 > goods/{{good}}.txt; sh check.sh"

[[turn]]
[[turn.tools]]
[turn.tools.finish]
title = "Stock {{good}}"
summary = "The shop stocks {{good}}, with a price."
""",
    "tidy.toml": """\
title = "offer something, and more than that at first"
match = ['(?is)\\boffer (?P<good>[a-z]+)\\b']

[[review]]
when = 'Everything is fresh'
unasked = 'Everything is fresh'
sentence = "It is on offer, but a promise was added that nobody asked for."

[[turn]]
[[turn.tools]]
bash = "echo 400 > goods/{{good}}.txt; echo 'Everything is fresh.' >> README.md"

[[turn]]
[[turn.tools]]
[turn.tools.finish]
title = "Offer {{good}}"
summary = "The shop offers {{good}}."

[[turn]]
think = "Nobody asked for that promise."
[[turn.tools]]
bash = "sed -i '/Everything is fresh/d' README.md; sh check.sh"

[[turn]]
[[turn.tools]]
[turn.tools.finish]
title = "Offer {{good}}"
summary = "The shop offers {{good}}, and promises nothing more."
""",
    "advise.toml": """\
title = "tell agents something"
match = ['(?is)\\badvise (?P<word>[a-z]+)\\b']

[[turn]]
[[turn.tools]]
bash = "echo 'Be {{word}}.' > AGENTS.md; echo 100 > goods/{{word}}.txt"

[[turn]]
[[turn.tools]]
[turn.tools.finish]
title = "Advise {{word}}"
summary = "Agents are told to be {{word}}."
""",
    "rule.toml": """\
title = "change the shop's own check"
match = ['(?is)\\brule (?P<word>[a-z]+)\\b']

[[turn]]
[[turn.tools]]
bash = "sed -i '1i # Prices are {{word}}.' check.sh; echo 300 > goods/{{word}}.txt; sh check.sh"

[[turn]]
[[turn.tools]]
[turn.tools.finish]
title = "Say that prices are {{word}}"
summary = "The check says what it checks."
""",
    "count.toml": """\
title = "count everything"
match = ['(?is)\\bcount everything\\b']

[[turn]]
think = "This takes long."
[[turn.tools]]
bash = "sleep 300"

[[turn]]
text = "Counted."
""",
}


def files() -> dict[str, str]:
    """The shop's files."""
    return dict(_FILES)


def write_repository(folder: Path) -> Path:
    """The shop's files, in `folder`."""
    return _write(folder, _FILES)


def write_scripts(folder: Path) -> Path:
    """What the scripted Claude can play in the shop."""
    return _write(folder, _SCRIPTS)


def _write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
