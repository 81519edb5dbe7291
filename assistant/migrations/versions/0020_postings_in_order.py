"""Postings stored in the order they are read in, with their passage's length; a passage's id is never given again"""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("passages", recreate=_in_sqlite(), table_kwargs={"sqlite_autoincrement": True}):
        pass
    op.add_column("postings", sa.Column("length", sa.Integer(), nullable=False, server_default="0"))
    passages = sa.table("passages", sa.column("id"), sa.column("length"))
    postings = sa.table("postings", sa.column("passage_id"), sa.column("length"))
    length = sa.select(passages.c.length).where(passages.c.id == postings.c.passage_id).scalar_subquery()
    op.execute(sa.update(postings).values(length=length))
    with op.batch_alter_table("postings", recreate=_in_sqlite(), table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.alter_column("length", server_default=None)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("postings", recreate=_in_sqlite()) as batch:
        batch.drop_column("length")
    with op.batch_alter_table("passages", recreate=_in_sqlite(), table_kwargs={"sqlite_autoincrement": False}):
        pass


def _in_sqlite() -> Literal["always", "never"]:
    """Both are properties of SQLite's tables."""
    return "always" if op.get_bind().dialect.name == "sqlite" else "never"
