"""Which of a team's rules for coding agents reduce how much people revise the agents' code.

The layers, inward only: ``errors`` <- ``core`` <- ``gitio`` <- ``ledger`` <- ``flows`` <-
surfaces (``cli``, ``hooks``, ``mcp``, ``api``); ``render`` and ``config`` sit beside ``flows``
and import ``core`` and ``errors`` only.
ARCHITECTURE.md explains them, ``tests/test_layers.py`` keeps them.
"""

__version__ = "0.1.0"
