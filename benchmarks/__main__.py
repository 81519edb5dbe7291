"""Every number that the README quotes: `python -m benchmarks`."""

from benchmarks import latency, yardstick

print("== how right: the frozen split, ablations and peers ==")
yardstick.run(yardstick.QUESTIONS, "frozen", yardstick.USUAL, peer_names=yardstick.PEERS)
print("\n== latency ==")
latency.main()
