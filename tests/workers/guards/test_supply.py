"""What a change brings from elsewhere."""

from __future__ import annotations

import json

import pytest

from tests.workers.guards.looking import added, edited, look, rules

HOME = "https://registry.npm" + "js.org"
INDEX = "--extra-index" + "-url=https://packages.acme.io/simple"
MANIFESTS = {
    "package.json": (
        '{"dependencies": {"a": "1.0.0"}}',
        '{"dependencies": {"a": "1.0.0", "b": "1.0.0"}}',
        '{"dependencies": {"a": "2.0.0"}}',
    ),
    "pyproject.toml": (
        '[project]\ndependencies = ["a>=1"]\n',
        '[project]\ndependencies = ["a>=1", "b"]\n',
        '[project]\ndependencies = ["a>=2"]\n',
    ),
    "requirements.txt": ("a==1\n", "a==1\nb==1\n", "a==2\n"),
    "requirements/dev.in": ("a==1\n", "a==1\nb\n", "a==2\n"),
    "setup.py": (
        'setup(install_requires=["a"])\n',
        'setup(install_requires=["a", "b"])\n',
        'setup(install_requires=["a>2"])\n',
    ),
    "setup.cfg": (
        "[options]\ninstall_requires =\n  a\n",
        "[options]\ninstall_requires =\n  a\n  b\n",
        "[options]\ninstall_requires =\n  a>2\n",
    ),
    "Pipfile": ('[packages]\na = "*"\n', '[packages]\na = "*"\nb = "*"\n', '[packages]\na = "==2"\n'),
    "Cargo.toml": ('[dependencies]\na = "1"\n', '[dependencies]\na = "1"\nb = "1"\n', '[dependencies]\na = "2"\n'),
    "go.mod": (
        "module m\nrequire (\n\tx.org/a v1.0.0\n)\n",
        "module m\nrequire (\n\tx.org/a v1.0.0\n\tx.org/b v1.0.0\n)\n",
        "module m\nrequire x.org/a v2.0.0\n",
    ),
    "Gemfile": ("gem 'a'\n", "gem 'a'\ngem 'b'\n", "gem 'a', '~> 2'\n"),
    "composer.json": (
        '{"require": {"x/a": "1"}}',
        '{"require": {"x/a": "1", "x/b": "1"}}',
        '{"require": {"x/a": "2"}}',
    ),
    "pom.xml": (
        "<project><dependency><groupId>g</groupId><artifactId>a</artifactId><version>1</version></dependency></project>",
        "<project><dependency><groupId>g</groupId><artifactId>a</artifactId><version>1</version></dependency>"
        "<dependency><groupId>g</groupId><artifactId>b</artifactId></dependency></project>",
        "<project><dependency><groupId>g</groupId><artifactId>a</artifactId><version>2</version></dependency></project>",
    ),
    "build.gradle": (
        "implementation 'g:a:1'\n",
        "implementation 'g:a:1'\nimplementation 'g:b:1'\n",
        "implementation 'g:a:2'\n",
    ),
    "build.gradle.kts": (
        'implementation("g:a:1")\n',
        'implementation("g:a:1")\nimplementation("g:b:1")\n',
        'implementation("g:a:2")\n',
    ),
    "a.csproj": (
        '<P><PackageReference Include="A" Version="1"/></P>',
        '<P><PackageReference Include="A" Version="1"/><PackageReference Include="B" Version="1"/></P>',
        '<P><PackageReference Include="A" Version="2"/></P>',
    ),
    "pubspec.yaml": ("dependencies:\n  a: ^1\n", "dependencies:\n  a: ^1\n  b: ^1\n", "dependencies:\n  a: ^2\n"),
    "mix.exs": ('[\n{:a, "~> 1"},\n]\n', '[\n{:a, "~> 1"},\n{:b, "~> 1"},\n]\n', '[\n{:a, "~> 2"},\n]\n'),
}


@pytest.mark.parametrize("path", sorted(MANIFESTS))
def test_a_new_package_is_held_and_another_version_told(path: str) -> None:
    before, more, bumped = MANIFESTS[path]
    assert edited(path, before, more) == {"dependency-added"}
    assert edited(path, before, bumped) == {"dependency-version"}
    assert edited(path, more, before) == set()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("package.json", '{"dependencies": {"a": "git+https://x.org/a.git"}}'),
        ("package.json", '{"dependencies": {"a": "mallory/a#main"}}'),
        ("requirements.txt", "a @ https://x.org/a.whl\n"),
        ("requirements.txt", "git+https://x.org/a.git#egg=a\n"),
        ("Cargo.toml", '[dependencies]\na = { git = "https://x.org/a" }\n'),
        ("Gemfile", "gem 'a', git: 'https://x.org/a'\n"),
    ],
)
def test_a_package_from_elsewhere_is_held(path: str, body: str) -> None:
    assert "dependency-source" in edited(path, MANIFESTS[path][0], body)


def test_a_package_that_a_sibling_declares_is_not_new() -> None:
    assert edited("requirements.txt", "", "a\n", also={"pyproject.toml": '[project]\ndependencies = ["A"]\n'}) == set()


def test_a_manifest_that_cannot_be_read_is_held_and_its_name_is_spelled() -> None:
    assert "dependency-unreadable" in edited("package.json", "{}", "{")
    assert (
        "x<U+202E>" in look({"package.json": "{}"}, {"package.json": '{"dependencies": {"x\u202ey": "1"}}'})[-1].words
    )


def lock(version: str, url: str, digest: str) -> str:
    one = {"version": version, "resolved": url, "integrity": digest}
    return json.dumps({"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": one}}, indent=1)


GOOD = lock("1.0.0", f"{HOME}/a/-/a-1.0.0.tgz", "sha512-aaaa")
MANIFEST = '{"dependencies": {"a": "1.0.0"}}'


def locked(after: str) -> set[str]:
    before: dict[str, bytes | str] = {"package-lock.json": GOOD, "package.json": MANIFEST}
    return rules(before, {"package-lock.json": after, "package.json": MANIFEST.replace("1.0", "2.0")}) - {
        "dependency-version"
    }


def test_locks_are_held_where_they_say_something_else() -> None:
    assert locked(lock("2.0.0", f"{HOME}/a/-/a-2.0.0.tgz", "sha512-bbbb")) == set()
    assert locked(lock("1.0.0", f"{HOME}/a/-/a-1.0.0.tgz", "sha512-cccc")) == {"lock-integrity"}
    assert locked(lock("2.0.0", "https://evil.example.net/a.tgz", "sha512-bbbb")) == {"lock-source"}
    assert locked(lock("2.0.0", f"{HOME.replace('https', 'http')}/a.tgz", "sha512-bbbb")) == {"lock-source"}
    assert locked(lock("2.0.0", f"{HOME}.evil.net/a.tgz", "sha512-bbbb")) == {"lock-source"}
    assert locked("{") == {"lock-unreadable"}
    assert edited("package-lock.json", GOOD, lock("2.0.0", f"{HOME}/a.tgz", "sha512-b")) == {"lock-without-manifest"}


PINNED = {
    "yarn.lock": 'a@^1:\n  version "1.0.0"\n  resolved "{home}/a.tgz#x"\n  integrity {digest}\n',
    "pnpm-lock.yaml": "packages:\n  a@1.0.0:\n    resolution: {{integrity: {digest}, tarball: {home}/a.tgz}}\n",
    "poetry.lock": '[[package]]\nname = "a"\nversion = "1.0.0"\nfiles = [{{file = "a.whl", hash = "{digest}"}}]\n',
    "uv.lock": '[[package]]\nname = "a"\nversion = "1.0.0"\nsource = {{ registry = "{home}" }}\n'
    'sdist = {{ url = "{home}/a", hash = "{digest}" }}\n',
    "Cargo.lock": '[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry+{home}/i"\nchecksum = "{digest}"\n',
    "Pipfile.lock": '{{"default": {{"a": {{"version": "==1.0.0", "hashes": ["{digest}"]}}}}}}',
    "go.sum": "x.org/a v1.0.0 {digest}\n",
    "composer.lock": '{{"packages": [{{"name": "x/a", "version": "1.0.0", '
    '"dist": {{"url": "{home}/a.zip", "shasum": "{digest}"}}}}]}}',
    "pubspec.lock": 'packages:\n  a:\n    description:\n      sha256: "{digest}"\n'
    '      url: "{home}"\n    version: "1.0.0"\n',
}


OTHER_LOCKS = {
    "yarn.lock": '__metadata:\n  version: 8\n\n"@s/a@npm:^1":\n  version: 1.10.0\n  resolution: "@s/a@npm:1.10.0"\n'
    "  checksum: {digest}\n",
    "pnpm-lock.yaml": "packages:\n  /@s/a/1.10.0:\n    resolution:\n      integrity: {digest}\n",
    "Gemfile.lock": "GEM\n  remote: https://x.org/\n  specs:\n    a (1.0)\n\nCHECKSUMS\n  a (1.0) {digest}\n",
    "mix.lock": '%{{\n  "a": {{:hex, :a, "1.0.0", "{hex}", [:mix]}},\n}}\n',
}


@pytest.mark.parametrize("path", sorted(OTHER_LOCKS))
def test_other_bytes_are_held_in_older_and_newer_forms_of_locks(path: str) -> None:
    old, new = (OTHER_LOCKS[path].format(digest="sha512-" + one * 80, hex=one * 64) for one in "ab")
    assert edited(path, old, new) == {"lock-integrity", "lock-without-manifest"}


@pytest.mark.parametrize("path", sorted(PINNED))
def test_other_bytes_of_the_same_version_are_held_in_every_lock(path: str) -> None:
    old, new = "sha512-" + "a" * 80, "sha512-" + "b" * 80
    body = PINNED[path].format(home=HOME, digest=old)
    found = edited(path, body, PINNED[path].format(home=HOME, digest=new))
    assert found == {"lock-integrity", "lock-without-manifest"}


@pytest.mark.parametrize(
    "path", ["yarn.lock", "pnpm-lock.yaml", "uv.lock", "Cargo.lock", "composer.lock", "pubspec.lock"]
)
def test_another_host_is_held_in_every_lock_that_names_one(path: str) -> None:
    digest = "sha512-" + "a" * 80
    assert "lock-source" in edited(
        path, PINNED[path].format(home=HOME, digest=digest), PINNED[path].format(home="https://evil.net", digest=digest)
    )


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (".npmrc", "registry=https://packages.acme.io"),
        ("requirements.txt", INDEX),
        ("pip.conf", "x = y"),
        ("pyproject.toml", "[[tool.uv.index]]"),
        ("pyproject.toml", "[[tool.poetry.source]]"),
        (".cargo/config.toml", "[source.crates-io]"),
        ("Gemfile", "source 'https://gems.acme.io'"),
        ("build.gradle", "maven { url 'https://maven.acme.io' }"),
        ("Dockerfile", "ENV GOPROXY=https://goproxy.acme.io"),
        ("NuGet.config", "<packageSources/>"),
    ],
)
def test_another_index_is_held(path: str, line: str) -> None:
    assert edited(path, "\n", f"\n{line}\n") & {"index-changed", "index-settings"}


@pytest.mark.parametrize(
    ("path", "before", "after", "rule"),
    [
        ("package.json", '{"scripts": {}}', '{"scripts": {"postinstall": "node x.js"}}', "install-script"),
        ("package.json", '{"scripts": {"prepare": "a"}}', '{"scripts": {"prepare": "b"}}', "install-script"),
        ("composer.json", "{}", '{"scripts": {"post-install-cmd": "x"}}', "install-script"),
        ("build.rs", "fn main() {}\n", "fn main() { run(); }\n", "install-script"),
        ("gradle/wrapper/gradle-wrapper.properties", "a=1\n", "a=2\n", "install-script"),
        ("lib/evil.pth", "", "import os\n", "install-script"),
        ("setup.py", "setup()\n", "setup(cmdclass={'install': X})\n", "install-code"),
        ("setup.py", "setup()\n", "os.system('x')\nsetup()\n", "install-code"),
        ("pyproject.toml", "\n", '[build-system]\nbuild-backend = "own"\n', "install-code"),
        ("tests/conftest.py", "", "def pytest_configure(config):\n    run()\n", "conftest"),
        ("conftest.py", "", "import os\nos.environ['A'] = 'b'\n", "conftest"),
        ("conftest.py", "", "import pytest\n@pytest.fixture(autouse=True)\ndef a():\n    run()\n", "conftest"),
        ("conftest.py", "", "import pytest\n@pytest.fixture\ndef a():\n    return 1\n", "conftest-plain"),
    ],
)
def test_what_runs_by_itself_is_found(path: str, before: str, after: str, rule: str) -> None:
    assert rule in edited(path, before, after)


def test_another_script_of_a_package_is_no_finding() -> None:
    assert edited("package.json", '{"scripts": {"build": "a"}}', '{"scripts": {"build": "b", "docs": "c"}}') == set()


def test_manifests_of_fixtures_are_data() -> None:
    assert added("tests/fixtures/package.json", MANIFESTS["package.json"][1]) == set()
