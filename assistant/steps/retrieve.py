"""Step 3: where a question is searched, decided before anything is ranked."""

from index import Scope


def narrowed(scope: Scope, picked: str | None, routed: str | None) -> Scope:
    """Where a question is searched: in the department that was picked, and nowhere else; in the one that was
    routed, and in all one's own uploads, whatever department they were filed under; else in all that is visible.
    """
    if picked is not None:
        return Scope(scope.domains & {picked}, scope.user)
    if routed is not None:
        return Scope(scope.domains & {routed}, scope.user, own=scope.domains)
    return scope
