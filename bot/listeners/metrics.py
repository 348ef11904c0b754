"""What the bot counts about itself, for operators."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram


class Metrics:
    """Counters in a registry of their own, so that two bots in one process (tests) do not share them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.deliveries = Counter(
            "shipmate_deliveries_total",
            "Deliveries by source and outcome.",
            ("source", "outcome"),
            registry=self.registry,
        )
        self.refusals = Counter(
            "shipmate_refusals_total", "Presses and requests that were refused.", ("code",), registry=self.registry
        )
        self.failures = Counter(
            "shipmate_listener_failures_total", "Listeners that ended with a fault of ours.", registry=self.registry
        )
        self.seconds = Histogram(
            "shipmate_delivery_seconds",
            "From receipt to answer.",
            ("source",),
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3),
            registry=self.registry,
        )
