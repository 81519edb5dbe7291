"""The tokenizer of the postings, filled in when the index is next opened; mean lengths without the texts"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("passages", schema=None) as batch_op:
        batch_op.create_index("ix_passages_shelf_length", ["shelf", "length"], unique=False)
    with op.batch_alter_table("index_state", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tokenizer", sa.String(length=20), nullable=False, server_default=""))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("index_state", schema=None) as batch_op:
        batch_op.drop_column("tokenizer")
    with op.batch_alter_table("passages", schema=None) as batch_op:
        batch_op.drop_index("ix_passages_shelf_length")
