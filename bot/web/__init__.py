"""What comes in by HTTP: Slack's deliveries, GitHub's webhooks, health and metrics.

Law: nothing is trusted before its signature, and a signature is no permission.
"""
