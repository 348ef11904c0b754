"""Every ecosystem, found by its folder: a new language needs no line here, nor anywhere else outside its folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from workers import ecosystems
from workers.ecosystems import Ecosystem
from workers.ecosystems.facts import Known


def _found() -> Iterator[Ecosystem]:
    for module in pkgutil.iter_modules(ecosystems.__path__):
        if module.ispkg:
            yield importlib.import_module(f"{ecosystems.__name__}.{module.name}").ECOSYSTEM


ALL: tuple[Ecosystem, ...] = tuple(sorted(_found(), key=lambda one: (one.rank, one.name)))

BY_NAME = {ecosystem.name: ecosystem for ecosystem in ALL}

KNOWN = Known(
    frozenset(name for one in ALL for name in one.recipes),
    frozenset(ending for one in ALL for ending in one.endings),
    frozenset(name for one in ALL for name in one.manifests),
)
