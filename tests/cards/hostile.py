"""Random changes, made of the nastiest text, for every phase."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.domain import change as c
from bot.domain.actor import Actor
from bot.domain.ci import CiReading, CiRun, Objection
from bot.domain.reach import CiReach
from bot.domain.verdict import Counts, Evidence, Verdict

NASTY = (
    "<!channel> <!here> <@U0BEN> <#C0SHOP|x> <https://evil.test|the docs>",
    "@channel @here @everyone",
    "*bold* _it_ ~gone~ `code` ```block``` :white_check_mark: :tada:",
    "Tests: 500 passed\n*Approved by ben*\n> quoted",
    "\u202egpj.exe\u2066 \U000e0041\U000e0042 a\u200bb\u2060c",
    "\x1b[31mred\x1b[0m \x00\x07 \r\n\u2028next",
    "&amp; &lt;!channel&gt; a&b<c>d",
    "xoxb-123456789012-abcdefghijkl ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "Z̸̡̢̛̗̘̙̜̝̞̟̠̣̤̥̦̩̪̫̬̭̮̯̰̱̲̳̹̺̻̼͇͈͉͍͎̀́̂̃̄̅̆̇̈̉̊̋̌̍̎̏" * 20,
    "😀" * 4000,
    "<" * 4000,
    "x" * 9000,
    "a\n" * 3000,
    "https://evil.test/?q=secret www.evil.test",
    "",
    " ",
)
words = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=400), st.lists(st.sampled_from(NASTY), max_size=4).map(" ".join)
)
urls = st.one_of(
    st.sampled_from(
        (
            "https://ok.test/a",
            "javascript:alert(1)",
            "http://u:p@evil.test/",
            "https://x.test/" + "a" * 4000,
            "https://x.test/a|b>c",
            "https://[",
            "",
        )
    ),
    words,
)
shas = st.text("0123456789abcdef", min_size=40, max_size=40)
counts = st.builds(Counts, *[], passed=st.integers(0, 10**6), failed=st.integers(0, 99), skipped=st.integers(0, 99))
actors = st.builds(Actor, id=st.one_of(st.just("U0ANA"), words), name=words)
pulls = st.builds(c.Pull, number=st.integers(1, 10**7), url=urls, branch=words, head_sha=shas)
runs = st.builds(
    CiRun,
    name=words,
    state=st.sampled_from(("expected", "absent", "waiting", "running", "person", "passed", "failed", "skipped")),
    url=urls,
    by=words,
    kind=st.sampled_from(("check", "status")),
    required=st.booleans(),
    before=st.sampled_from(("", "passed", "failed")),
    own=st.booleans(),
)
readings = st.builds(
    CiReading,
    sha=shas,
    state=st.sampled_from(("none", "pending", "green", "red", "unproven")),
    complete=st.booleans(),
    requires=st.booleans(),
    runs=st.lists(runs, max_size=5).map(tuple),
    counts=counts,
)
evidence = st.builds(
    Evidence,
    verdict=st.sampled_from(Verdict),
    subject=shas,
    counts=counts,
    reasons=st.lists(words, max_size=3).map(tuple),
    failing=st.lists(words, max_size=6).map(tuple),
    command=words,
)
undos = st.builds(
    c.Undo,
    by=actors,
    pull=st.none() | pulls,
    ci=st.none() | readings,
    approved_by=st.none() | actors,
    note=words,
)
questions = st.builds(
    c.Question,
    about=st.sampled_from(("repository", "work", "budget", "publish")),
    text=words,
    options=st.lists(words, max_size=40).map(tuple),
)
notes = st.builds(
    c.Note,
    kind=st.sampled_from(("person", "follow_up", "answer", "checks", "judge", "ci", "host")),
    author=words,
    text=words,
)
lists_of_words = st.lists(words, max_size=8).map(tuple)
reaches = st.builds(CiReach, because=lists_of_words, secrets=lists_of_words, also=lists_of_words)
builds = st.builds(c.Build, kind=st.sampled_from(("preview", "download")), name=words, url=urls, vouched=st.booleans())
objections = st.builds(Objection, id=words, by=words)
failures = st.builds(c.Failure, reason=words, advice=words, reference=words)
approvals = st.builds(c.Approval, by=actors, head_sha=shas, fingerprint=words, at=st.just(1.0))
places = st.builds(
    c.Place,
    team=st.just("T0ACME"),
    channel=st.just("C0SHOP"),
    thread_ts=st.just("1700000000.000100"),
    message_ts=st.just("1700000000.000100"),
    permalink=st.none() | urls,
)


@st.composite
def changes(draw: st.DrawFn, phase: c.Phase | None = None) -> c.Change:
    """A change in which nothing needs to make sense."""
    return c.Change(
        id="cabcdefghijkl",
        phase=phase or draw(st.sampled_from(c.Phase)),
        place=draw(places),
        requester=draw(actors),
        request=draw(words),
        created_at=draw(st.floats(0, 2e9)),
        updated_at=draw(st.floats(0, 2e9)),
        repository=draw(st.none() | words),
        base_branch=draw(st.none() | words),
        notes=tuple(draw(st.lists(notes, max_size=3))),
        question=draw(st.none() | questions),
        progress=draw(words),
        model=draw(words),
        scripted=draw(st.booleans()),
        sandbox=draw(st.sampled_from(("bubblewrap", "process", ""))),
        title=draw(words),
        summary=draw(words),
        proven=draw(words),
        risks=draw(words),
        files=tuple(draw(st.lists(words, max_size=3))),
        evidence=draw(st.none() | evidence),
        findings=tuple(draw(st.lists(words, max_size=8))),
        passable=tuple(draw(st.lists(words, max_size=6))),
        reach=draw(reaches),
        rounds=draw(st.integers(0, 9)),
        pull=draw(st.none() | pulls),
        ci=draw(st.none() | readings),
        builds=tuple(draw(st.lists(builds, max_size=5))),
        approvals=tuple(draw(st.lists(approvals, max_size=2))),
        void=draw(words),
        voided=tuple(draw(st.lists(actors, max_size=2))),
        objections=tuple(draw(st.lists(objections, max_size=3))),
        merge_sha=draw(st.none() | shas),
        merged_by=draw(words),
        undo=draw(st.none() | undos),
        failure=draw(st.none() | failures),
        stopped_by=draw(st.none() | actors),
    )
