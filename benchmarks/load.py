"""Load, as RELIABILITY T01 to T04 state it: `python -m benchmarks.load [T01 T02 T03 T04] [--minutes 10]`.

One server process with mock models (0.3 s to the first token, 15 ms a token, 150 tokens, eight answers at once) and the
example company; people at open pages (Gradio's own protocol) and programs at the REST interface. The product shows no
word before the whole answer is checked, so 'first sign' is when the page shows the passages that are being read; the
whole answer's time stands beside it. Each must is printed with what was found; exit code 1 where one is missed.
`--minutes` is the length of T01 and of T02's five steps together, and scales the numbers of T03 and the length of T04.
"""

import argparse
import asyncio
import sys

from benchmarks.load_cases import CASES
from benchmarks.load_site import served


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="T01…T04")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--people", type=float, default=1.0, help="share of the people of T01 and T02, to try things")
    given = parser.parse_args()
    if unknown := set(given.cases) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    missed = []
    for name in given.cases or CASES:
        case = CASES[name]
        print(f"{name}: {(case.act.__doc__ or '').splitlines()[0]}", flush=True)
        share = given.people if case.scales else 1.0
        with served(max(1, round(case.people * share)), case.server, case.prepare) as site:
            asyncio.run(case.act(site, given.minutes, share))
        missed += [f"{name} {what}" for what in site.missed]
    print("every must is met" if not missed else f"missed: {'; '.join(missed)}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
