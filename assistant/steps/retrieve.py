"""Step 3: the passages a question is answered from, limited to what the person may see before any ranking."""

from sqlalchemy.orm import Session

from index import Hit, Index, Scope


def retrieve(index: Index, session: Session, question: str, scope: Scope, domain: str | None, count: int) -> list[Hit]:
    """The `count` best passages of `domain` (of every visible domain if None) for a completed question."""
    domains = scope.domains if domain is None else scope.domains & {domain}
    return index.search(session, question, Scope(frozenset(domains), scope.user), count)
