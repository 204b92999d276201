"""Benchmarks, one module per question; `./openbeian bench NAME` calls the module's `run`. Figures are ratios."""
