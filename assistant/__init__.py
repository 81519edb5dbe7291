"""A question on its way to an answer, and the people around it.

Wires `index` and `adapters` together and owns conversations, accounts, tickets, verdicts, confidence, explanation,
audit, pages and the command line. How text is searched and how weights are run is the other rooms' business.
"""
