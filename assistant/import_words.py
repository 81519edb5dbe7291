"""What became of an imported sheet in words, for the page and the command line."""

from assistant.examples import Contradicting, Imported
from assistant.wording import Language, say

LONGEST_QUOTE = 120  # characters of another answer


def counts(said: Imported) -> dict[str, object]:
    """How many rows of each kind, for the sentence `examples.imported`."""
    return vars(said) | {"refused": len(said.refused), "waiting": len(said.waiting)}


def rows(language: Language, said: Imported) -> list[tuple[int, str]]:
    """Each row that was refused or waits, with what to do about it; in the sheet's order."""
    refused = [(row, say(language, f"examples.why_{why}")) for row, why in said.refused]
    return sorted([*refused, *((one.row, against(language, one)) for one in said.waiting)])


def against(language: Language, one: Contradicting) -> str:
    """What a waiting row contradicts, and where it waits."""
    answer = one.answer[:LONGEST_QUOTE]
    if one.other_row is not None:
        return say(language, "examples.waits_for_row", row=one.other_row, answer=answer)
    return say(language, "examples.waits_for_example", person=one.person, answer=answer)
