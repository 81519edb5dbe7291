"""A department can be closed; another may take its questions"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("domains", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("successor", sa.String(length=40), nullable=True))
        batch_op.create_foreign_key("fk_domains_successor_domains", "domains", ["successor"], ["name"])


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("domains", schema=None) as batch_op:
        batch_op.drop_constraint("fk_domains_successor_domains", type_="foreignkey")
        batch_op.drop_column("successor")
        batch_op.drop_column("closed_at")
