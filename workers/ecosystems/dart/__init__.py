"""Dart."""

from __future__ import annotations

from workers.ecosystems.dart import read
from workers.ecosystems.dart.detect import detect
from workers.ecosystems.tables import ecosystem

ECOSYSTEM = ecosystem(__file__, detect, findings=read.FINDINGS, documents=(read.events,))
