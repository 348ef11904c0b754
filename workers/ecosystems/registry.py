"""Every ecosystem, in the order in which a repository is asked for them."""

from __future__ import annotations

from workers.ecosystems import Ecosystem, dart, dotnet, elixir, go, jvm, native, node, php, python, ruby, rust, swift

ALL: tuple[Ecosystem, ...] = (
    python.ECOSYSTEM,
    node.ECOSYSTEM,
    go.ECOSYSTEM,
    rust.ECOSYSTEM,
    jvm.ECOSYSTEM,
    dotnet.ECOSYSTEM,
    swift.ECOSYSTEM,
    ruby.ECOSYSTEM,
    php.ECOSYSTEM,
    dart.ECOSYSTEM,
    elixir.ECOSYSTEM,
    native.ECOSYSTEM,
)

BY_NAME = {ecosystem.name: ecosystem for ecosystem in ALL}
