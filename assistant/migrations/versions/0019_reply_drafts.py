"""Half-written replies"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "reply_drafts",
        sa.Column("ticket_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_reply_drafts_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("ticket_id", "account_id", name=op.f("pk_reply_drafts")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("reply_drafts")
