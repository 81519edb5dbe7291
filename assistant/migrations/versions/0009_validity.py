"""What documents say of their own time, filled in when the index is next opened"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("document_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("validity", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("index_state", schema=None) as batch_op:
        batch_op.add_column(sa.Column("validity", sa.String(length=20), nullable=False, server_default=""))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("index_state", schema=None) as batch_op:
        batch_op.drop_column("validity")
    with op.batch_alter_table("document_versions", schema=None) as batch_op:
        batch_op.drop_column("validity")
