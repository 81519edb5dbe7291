"""The steps of a question on its way to an answer, one file each, in the order of `assistant.ask`.

complete → route → retrieve → read → write → verify → decide → explain → record. Each takes values and gives
values; none opens a transaction but `record`.
"""
