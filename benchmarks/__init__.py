"""Every number that the README quotes, each reproducible by one command: `python -m benchmarks.NAME`."""
