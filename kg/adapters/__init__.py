"""Adapters: one module per engine behind the ports of the package."""
