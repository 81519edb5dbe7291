"""Mail: who wrote it when to whom, its text, then each attachment under its name."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart

from index.blocks import Block
from index.errors import DocumentError
from index.parsers import html, text
from index.parsers.inside import parse_inside
from index.parsers.source import Source

HEADERS = ("From", "To", "Cc", "Date")
MAX_PARTS = 500


def parse(source: Source) -> Iterator[Block]:
    """The blocks of a mail. Raises DocumentError: corrupt when it has no header, or an attachment's error."""
    message = message_from_bytes(source.data, policy=policy.default)
    if not message.keys():
        raise DocumentError("corrupt", file=source.name)
    subject = _header(message, "Subject")
    if subject:
        yield Block("heading", subject, level=1)
    lines = [f"{name}: {value}" for name in HEADERS if (value := _header(message, name))]
    if lines:
        yield Block("paragraph", "\n".join(lines))
    body = message.get_body(("plain", "html"))
    if body is not None:
        yield from _body(body, source)
    for number, part in enumerate(message.iter_attachments()):
        if number > MAX_PARTS:
            raise DocumentError("too_many_files", file=source.name, limit=MAX_PARTS)
        yield from _attachment(part, source)


def _header(message: EmailMessage, name: str) -> str:
    value = message.get(name)
    return " ".join(str(value).split()) if value is not None else ""


def _body(part: MIMEPart, source: Source) -> Iterator[Block]:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data.strip():
        return
    charset = part.get_content_charset()
    try:
        words = data.decode({"shift_jis": "cp932"}.get(charset or "", charset or "")) if charset else text.decode(data)
    except (LookupError, UnicodeDecodeError):  # a charset that does not exist, or is not the one used
        words = text.decode(data)
    if part.get_content_subtype() == "html":
        inner = Source(source.name, words.encode(), source.pictures, source.depth)
        yield from html.parse(inner)
    else:
        yield from text.paragraphs(words)


def _attachment(part: MIMEPart, source: Source) -> Iterator[Block]:
    name = part.get_filename() or ""
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0)
        data = inner.as_bytes() if isinstance(inner, MIMEPart) else b""
        name = name or "mail.eml"
    else:
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
    inline = part.get_content_disposition() == "inline" or part.get("Content-ID") is not None
    if not data or not name or (inline and part.get_content_maintype() == "image"):
        return  # pictures of a signature are no documents
    yield from parse_inside(source, name, data, level=2)
