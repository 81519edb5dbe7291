"""Open pages ask for a conversation's tickets every few seconds"""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_tickets_conversation_id", "tickets", ["conversation_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_tickets_conversation_id", "tickets")
