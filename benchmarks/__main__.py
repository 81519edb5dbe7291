"""Every number that the README quotes: `python -m benchmarks`."""

from benchmarks import first_answers, latency

print("== first answers ==")
first_answers.main()
print("\n== latency ==")
latency.main()
