"""Benchmarks: separate commands that print medians and ratios; never part of the tests."""
