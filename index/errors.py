"""The one error of this room: a document that cannot be taken, with a stable code and what to do about it."""

from typing import Any

SENTENCES = {
    "empty_file": "{file} is empty. Choose a file with content.",
    "unsupported_type": "{file} cannot be read. Save it as docx, xlsx, pptx, pdf, html, md, txt, csv, eml, png or jpg.",
    "save_as": "{file} cannot be read as it is. Save it as {format}.",
    "wrong_extension": "{file} is in truth a {actual} file. Rename it to end in .{actual}.",
    "encrypted": "{file} is protected by a password. Save it without the password.",
    "corrupt": "{file} is damaged and cannot be opened. Save it anew in its own program.",
    "too_large": "{file} is larger than {limit_mb} MB. Split it or leave pictures out.",
    "expands_too_much": "{file} unpacks to far more than its size. Save it anew.",
    "too_many_pages": "{file} has more than {limit} pages. Split it into smaller files.",
    "too_many_rows": "{file} has more than {limit} rows. Split it into smaller files.",
    "too_many_scans": "{file} has more than {limit} scanned pages or pictures. Split it into smaller files.",
    "too_many_files": "{file} holds more than {limit} files. Split it into smaller ones.",
    "nested_too_deep": "{file} holds files in files more than {limit} deep. Take out what is to be read.",
    "no_text": "No text was found in {file}. If it is a scan, scan it anew, sharper and upright.",
    "took_too_long": "{file} took longer than {seconds} seconds to read. Split it into smaller files.",
    "took_too_much_memory": "{file} needs too much memory to read. Split it into smaller files.",
    "disk_full": "The disk is full; {file} was not taken. Make room and try again.",
    "not_opened": "{file} cannot be opened: its key is not in the key file, or it was altered. Restore a backup.",
    "not_a_file": "{file} is not a file.",
    "interrupted": "Reading {file} was cut off several times. Split it into smaller files, or try it once more.",
    "not_indexed": "{file} could not be indexed; the log has it as {reference}. Try again, or tell the administrator.",
    "stopped": "Reading {file} was stopped by somebody. Start it again when it is wanted.",
}


class DocumentError(Exception):
    """A document was not taken; nothing else has changed. `code` is one of SENTENCES."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(SENTENCES[code].format(**params))
