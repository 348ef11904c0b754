"""Attacks by family, and how many of them are held: `make attacks`."""
