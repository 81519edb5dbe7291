"""Cells of exported sheets: none is ever calculated by the program that opens it."""

# what spreadsheets take for the beginning of a formula, the full-width forms that Japanese ones fold among them
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def harmless(value: object) -> object:
    """The value; text that a spreadsheet would calculate comes with an apostrophe before it, so that it stays text."""
    if isinstance(value, str) and value.lstrip(" \u3000\ufeff\x00").startswith(_FORMULA):
        return "'" + value
    return value
