"""What is measured, how, and the last figures. ``python -m benchmarks`` runs all of it."""
