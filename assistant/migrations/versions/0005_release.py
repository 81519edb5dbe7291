"""How a department releases answers, and how many wrong ones it tolerates"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("domains", schema=None) as batch_op:
        batch_op.add_column(sa.Column("release", sa.String(length=20), nullable=False, server_default="hold"))
        batch_op.add_column(sa.Column("tolerated", sa.Float(), nullable=True))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("domains", schema=None) as batch_op:
        batch_op.drop_column("tolerated")
        batch_op.drop_column("release")
