"""Words that are looked for before a form is: they only save time."""

from __future__ import annotations

import pytest

from workers.guards.weaknesses import _LINE_FORMS

LINES = {
    "tls-off": (
        "verify = False", "rejectUnauthorized: false", "NODE_TLS_REJECT_UNAUTHORIZED", "InsecureSkipVerify: true",
        "CURLOPT_SSL_VERIFYPEER, 0", "_create_unverified_context", "check_hostname = False", "ssl.CERT_NONE",
        "VERIFY_NONE", "danger_accept_invalid_certs(true", "strict-ssl=false", "http.sslVerify=false",
        "GIT_SSL_NO_VERIFY", "ALLOW_ALL_HOSTNAME_VERIFIER", "NoopHostnameVerifier", "TrustAllCerts",
        "ServerCertificateCustomValidationCallback = x => true", "setHostnameVerifier((a, b) -> true", "curl x -k ",
        "curl --insecure", "wget x --no-check-certificate", "verify_ssl=False", "ssl_verify: false",
        "verify_peer => false", "badCertificateCallback", ".disable_warnings()", "tls_insecure_skip = true",
    ),
    "runs-input": (
        "eval(x", "new Function(", "exec(request", "shell=True", "os.system(", "os.popen(", "child_process.exec(",
        "execSync(`${", "Runtime.getRuntime().exec", 'ProcessBuilder("sh', 'exec.Command("bash"', 'Command::new("sh"',
        "shell_exec(", "passthru(", "proc_open(", "popen(", "system($", "instance_eval(", 'setTimeout("',
        "vm.runInNewContext", "pickle.load(", "pickle.loads(", "yaml.load(", "marshal.loads", "unserialize($",
        "ObjectInputStream(", "Marshal.load", "BinaryFormatter(", "Process.Start(", "system(command)", "gets(line);",
    ),
    "writes-markup": (
        "x.innerHTML =", "x.outerHTML +=", "dangerouslySetInnerHTML", "document.write(", "insertAdjacentHTML(",
        "v-html=", "{@html x", "bypassSecurityTrustHtml", ".html_safe", "raw(x)", "mark_safe(", "| safe }}",
        "template.JS(", "template.URL(", "Html.Raw(", "{!! $",
    ),
    "builds-sql": (
        'cursor.execute(f"', 'query("select a" + b', 'Raw("delete from" + b', 'EXEC("update a" % b',
        "prepare(`insert ${",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "line"), [(rule, line) for rule, lines in LINES.items() for line in lines])
def test_every_line_of_a_form_has_one_of_its_words(rule, line):
    form, words = next((one[2], one[4]) for one in _LINE_FORMS if one[0] == rule)
    assert form.search(line)
    assert any(word in line.casefold() for word in words)
