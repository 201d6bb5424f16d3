"""The measurements, run by ``python -m benchmarks``; README.md has the method and the last tables."""
