"""Weak code in added lines."""

from __future__ import annotations

import pytest

from tests.workers.guards.looking import added, edited, look
from workers.ecosystems.python import weak


def test_a_shell_with_input_is_held_and_named() -> None:
    found = look({}, {"src/run.py": "import subprocess\ndef f(x):\n    subprocess.call('ls ' + x, shell=True)\n"})
    assert [(one.level, "line 3" in one.words) for one in found if one.rule == "weakness"] == [("hold", True)]


def test_what_stood_there_before_is_not_found_again() -> None:
    old = "import subprocess\ndef f(x):\n    subprocess.call('ls ' + x, shell=True)\n"
    assert edited("src/run.py", old, f"{old}\nVERSION = 2\n") == set()


def test_a_comment_that_silences_bandit_does_not() -> None:
    body = "import subprocess\ndef f(x):\n    subprocess.call('ls ' + x, shell=True)  # nosec\n"
    assert "weakness" in added("src/run.py", body)


def test_a_weakness_in_a_test_is_no_finding() -> None:
    assert added("tests/test_run.py", "import subprocess\nsubprocess.call('ls', shell=True)\n") == set()


def test_source_that_bandit_cannot_read_is_no_failure() -> None:
    assert added("src/broken.py", "def f(:\n") == set()


def test_a_scan_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weak, "SECONDS", 0.01)
    assert added("src/ok.py", "import urllib\n") == {"weakness-unread"}


@pytest.mark.parametrize(
    ("path", "line", "rule"),
    [
        ("src/a.py", "requests.get(u, verify=False)", "tls-off"),
        ("src/a.js", "const agent = new Agent({ rejectUnauthorized: false });", "tls-off"),
        ("a.go", "cfg := &tls.Config{InsecureSkipVerify: true}", "tls-off"),
        ("a.php", "curl_setopt($c, CURLOPT_SSL_VERIFYPEER, false);", "tls-off"),
        ("a.rs", ".danger_accept_invalid_certs(true)", "tls-off"),
        ("get.sh", "curl -s --insecure $URL", "tls-off"),
        ("src/a.js", "eval(location.hash)", "runs-input"),
        ("src/a.js", "child_process.exec(`ls ${name}`)", "runs-input"),
        ("a.go", 'exec.Command("sh", "-c", input)', "runs-input"),
        ("src/a.js", "node.innerHTML = name;", "writes-markup"),
        ("src/a.jsx", "<p dangerouslySetInnerHTML={{ __html: name }} />", "writes-markup"),
        ("src/a.js", "db.query(`select * from t where id = ${id}`)", "builds-sql"),
    ],
)
def test_weak_forms_of_other_languages_are_told(path: str, line: str, rule: str) -> None:
    assert rule in added(path, f"{line}\n")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/a.js", "if (node.innerHTML === name) {}"),
        ("src/a.js", "// eval(x) is never used"),
        ("src/a.js", "const evaluation = evaluate(x);"),
        ("a.go", 'exec.Command("git", "status")'),
        ("src/a.py", "verify = True"),
        ("README.md", "curl --insecure"),
    ],
)
def test_what_only_resembles_them_is_no_finding(path: str, line: str) -> None:
    assert added(path, f"{line}\n") == set()
