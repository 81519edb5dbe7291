"""The database refuses to change or delete an audit entry"""

from alembic import op

from assistant import audit_guard

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    audit_guard.put_up(op.get_bind())


def downgrade() -> None:
    """Undo."""
    audit_guard.take_down(op.get_bind())
