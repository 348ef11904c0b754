"""Forms of lines that make checks pass: forced results, rewritten reports, tests left out.

Law: a line counts only in the kind of file where it does harm.
"""

from __future__ import annotations

import re

from workers.guards.kinds import is_code, is_test
from workers.guards.tamper.places import TOOL, Pattern, harness, is_settings

FORCING = (
    Pattern(
        "forced", is_settings,
        re.compile(
            rf"\b{TOOL}[^#\n]*"
            r"(?:\|\|\s*(?:true\b|:|exit\s+0|echo\b|/bin/true)|;\s*(?:true|:|exit\s+0)\s*(?:[\"',]|$)|\|\s*true\b)",
            re.I,
        ),
        "a failing check is made to pass",
    ),
    Pattern(
        "forced", is_settings,
        re.compile(
            r"continue-on-error\s*:\s*(?!false)|allow_failure\s*:\s*true|continueOnError\s*:\s*true|"
            r"soft_fail\s*:\s*true|--passWithNoTests|"
            r"--pass-with-no-tests|passWithNoTests[\"']?\s*[:=]\s*true|--exit-zero|--exit-0|"
            r"--suppress-tests-failed-exit-code|"
            r"--no-fail-on-error|testFailureIgnore>\s*true|maven\.test\.failure\.ignore(?!\s*=\s*false)|"
            r"ignoreFailures\s*=\s*true|ignore_outcome\s*=\s*true|failOnError[\"']?\s*[:=>]\s*false|"
            r"haltonfailure=\"false\"|"
            r"--continue-on-collection-errors|exitOnFail[\"']?\s*:\s*false|bail[\"']?\s*:\s*\"never|"
            r"--force-exit-code=0|"
            r"COMMAND\s+(?:true|:|echo|\$\{CMAKE_COMMAND\}\s+-E\s+(?:echo|true))\b|WILL_FAIL\b|\bshould_fail\s*:\s*true|"
            r"dangerouslyIgnoreUnhandledErrors[\"']?\s*:\s*true|--suppress-no-test-exit-code|"
            rf"{TOOL}[^#\n]*\s(?:--updateSnapshot|--update-snapshots?|--snapshot-update|--bless)\b|\bjest\b[^#\n]*\s-u\b|"
            r"PYTHONOPTIMIZE|python3?\s+-OO?\b|-DskipTests|-Dmaven\.test\.skip|skipTests>\s*true|maven\.test\.skip>\s*true",
            re.I,
        ),
        "a failing check is made to pass, or none is run",
    ),
    Pattern(
        "forced", harness,
        re.compile(
            r"\bos\._exit\(\s*0?\s*\)|\b(?:sys\.)?exit\(\s*0\s*\)|raise\s+SystemExit(?:\(\s*0?\s*\))?\s*$|"
            r"\bprocess\.exit\(\s*0?\s*\)|"
            r"process\.exitCode\s*=\s*0|\bos\.Exit\(0\)|System\.exit\(0\)|process::exit\(0\)|Kernel\.exit!?\(?(?:0|"
            r"true)|^\s*exit!?\s*\(?(?:0|true)\)?\s*$|"
            r"\bpytest\.exit\([^)]*returncode\s*=\s*0|os\.kill\(os\.getpid",
        ),
        "ends the run of the tests as if all were well",
        re.compile(r"pytest\.raises|assert|expect|subprocess|[\"'`].*\bexit\(0\).*[\"'`]"),
    ),
    Pattern(
        "result-rewritten", harness,
        re.compile(
            r"\bexitstatus\s*=|\.outcome\s*=\s*[\"']passed|\.outcome\s*=|TestReport\(|"
            r"def\s+pytest_(?:runtest_makereport|sessionfinish|"
            r"runtest_protocol|pyfunc_call|report_teststatus|runtest_call|runtest_logreport|assertrepr_compare|"
            r"exception_interact)\b|"
            r"terminalreporter\.stats|\b(?:TestCase|TestResult|TextTestRunner|TestRunner)\.\w+\s*=(?!=)|"
            r"failureException\s*=|"
            r"addFailure\s*=|addError\s*=|wasSuccessful\s*=|\b(?:global|globalThis|window)\.(?:expect|it|test|"
            r"describe|assert)\s*=|"
            r"_pytest\.\w+[.\w]*\s*=(?!=)|\bassert\w*\s*=\s*lambda|sys\.modules\[[\"'](?:pytest|unittest|"
            r"_pytest)[\"']\]\s*=|"
            r"sys\.excepthook\s*=|builtins\.\w+\s*=(?!=)|process\.(?:exit|reallyExit)\s*=(?!=)|"
            r"process\.on\(\s*[\"']exit[\"']|"
            r"def\s+(?:assertEquals?|assertTrue|assertFalse|assertRaises|assertIn|assertIs|assertIsNone|assertDictEqual|assertListEqual|"
            r"assertAlmostEqual|fail|run|debug|countTestCases|defaultTestResult)\(\s*self|"
            r"^\s*def\s+(?:assert|assert_equal|assert_nil|refute|assert_raises|flunk)\s*[(*]|"
            r"^\s*(?:async\s+)?(?:toBe|toEqual|toStrictEqual|toMatch|toThrow)\s*\([^)]*\)\s*\{|currentTest\.(?:state|err)\b|"
            r"this\.test\.(?:state|err)\b|numFailedTests\s*=(?!=)|register_shutdown_function\(|"
            r"def\s+(?:addFailure|addError|addSubTest|wasSuccessful|printErrors)\(\s*self|"
            r"atexit\.register\(\s*(?:os\._exit|lambda[^)]*exit)|Minitest\.\w+\s*=|at_exit\s*(?:do|\{)\s*.*exit",
        ),
        "changes what is reported of the tests",
    ),
    Pattern(
        "deselected", lambda path: is_settings(path) or path.rsplit("/", 1)[-1] == "conftest.py",
        re.compile(
            r"\bPROPERTIES\b.*\bDISABLED\b|\bautotests\s*=\s*false|IsTestProject>\s*false|<Compile\s+Remove=|"
            r"ExUnit\.(?:start|configure)\(.*\b(?:exclude|only_test_ids|include)\b|excludeTags\s*\(|excludedGroups|exclude_tags\s*:|"
            r"^\s*filename\s*:|--exclude-pattern|--only-failures|^\s*--(?:example|pattern|tag)\b|\bonlyIf\b|"
            r"\bit\.enabled\s*=\s*false|\benabled\s*=\s*false\s*$|^\s*exclude\s*\(?\s*['\"].*[Tt]est|<include>.*[Tt]est|"
            r"testTarget\(.*\bexclude\s*:|\bexclude\s*:\s*\[.*(?:[Tt]est|spec)|"
            r"collect_ignore(?:_glob)?\b|def\s+pytest_(?:ignore_collect|collection_modifyitems|collect_file|"
            r"pycollect_makeitem|deselected|"
            r"collection|itemcollected|generate_tests)\b|--deselect[= ]|--ignore(?:-glob)?[= ]\s*\S*test|"
            r"items\[:\]\s*=|"
            r"-m\s+[\"'\\]*not\s+\w|addopts.*\s-k\s|\bpy\.?test\b.*\s-k[ =]|testPathIgnorePatterns|"
            r"modulePathIgnorePatterns|"
            r"--testNamePattern|\bmocha\b.*(?:--grep|-g|--invert|--ignore)|go\s+test\b.*-(?:skip|run|short)\b|"
            r"cargo\s+(?:test|nextest)\b.*(?:--skip|--exclude)|"
            r"filter_run_excluding|--tag\s+~|<excludes?>.*[Tt]est|excludeTestsMatching|excludeGroups|excludeCategories|"
            r"dotnet\s+test\b.*--filter|ctest\b.*(?:-E|--exclude)|mix\s+test\b.*--exclude|-Dtest=|"
            r"harness\s*=\s*false|^test\s*=\s*false|"
            r"--exclude-group|useJUnitPlatform\s*\{.*exclude|rspec\b.*--exclude|--skip\b.*test|"
            r"\btest\.enabled\s*=\s*false|enabled\s*=\s*false\s*//.*test",
        ),
        "leaves tests out of the run",
    ),
    Pattern(
        "forced",
        lambda path: is_test(path) and is_code(path),
        re.compile(r"^\s*#\s*define\s+NDEBUG\b"),
        "switches assertions off",
    ),
    Pattern(
        "test-retried",
        lambda path: is_settings(path) or is_test(path),
        re.compile(
            r"\bretryTimes\(|\bretr(?:y|ies)[\"']?\s*[:=(]\s*[1-9]|--reruns\b|--retries\b|mark\.flaky\b|^\s*@flaky\b|rerunFailingTestsCount|"
            r"@RepeatedIfExceptions|@RetryingTest|\[Retry\(|maxRetries\s*=\s*[1-9]|--flaky-test-attempts|--max-attempts-per-test"
        ),
        "runs tests again until they pass",
    ),
    Pattern(
        "test-mocked",
        lambda path: is_test(path) and is_code(path),
        re.compile(
            r"\b(?:jest|vi)\.(?:do)?[mM]ock\(\s*[\"']\.|\bmonkeypatch\.setattr\(|\bmock\.patch\b|^\s*@patch\b|\bpatch\.object\(|^\s*with\s+patch\(|"
            r"\bsinon\.stub\(|\b(?:rewire|proxyquire|mockery)\(|\ballow\([^)]*\)\.to\s+receive\b|\.stubs\(:|\bMockito\.mockStatic\(|"
            r"\b(?:Magic)?Mock\(\s*\w+\s*=(?!=)"
        ),
        "puts something else in the place of code; see that it is not the code under test",
        when=lambda edit: edit.changed.status == "M",
    ),
    Pattern(
        "deselected",
        is_test,
        re.compile(r"globals\(\)\.pop\(|globals\(\)\[[\"']test|^\s*(?:remove_method|undef_method|undef)\s+:?test_|^def\s+load_tests\(|"
            r"^\w+\.__test__\s*=\s*False|^\s*del\s+[tT]est_?\w+|^[tT]est_?\w+\s*=\s*None\b|^//go:build\s+(?:ignore|never|disabled|none)\b|^//\s*\+build\s+ignore|^\s*#!\[cfg\((?:any\(\)|never)\)\]"),
        "leaves a file of tests out of the run",
    ),
)  # fmt: skip
