"""Accounts of people whom the company's identity provider knows"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("issuer", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("subject", sa.String(length=255), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_accounts_issuer"), ["issuer", "subject"])


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_accounts_issuer"), type_="unique")
        batch_op.drop_column("subject")
        batch_op.drop_column("issuer")
