"""The desk: due times, reopened tickets, requests for documents, replies seen, second approval"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply. What an older home knows of its tickets is kept: they wait, and are due, since they were made."""
    with op.batch_alter_table("domains", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_hours", sa.Integer(), nullable=False, server_default="24"))
        batch_op.add_column(sa.Column("second_approval", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("first_answered_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reopened", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("handed_over", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("example_id", sa.String(length=32), nullable=True))
    with op.batch_alter_table("examples", schema=None) as batch_op:
        batch_op.add_column(sa.Column("second_approver", sa.String(length=32), nullable=True))
    op.execute(
        "UPDATE conversations SET seen = COALESCE("
        "(SELECT MAX(ordinal) FROM messages WHERE messages.conversation_id = conversations.id), 0)"
    )
    op.execute("UPDATE tickets SET waiting_since = created_at, due_at = created_at, first_answered_at = answered_at")
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.alter_column("waiting_since", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.alter_column("due_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    op.create_table(
        "document_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("domain", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", sa.String(length=32), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.String(length=32), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_document_requests_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_requests")),
    )
    with op.batch_alter_table("document_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_requests_domain"), ["domain"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_table("document_requests")
    for table, columns in (
        ("examples", ["second_approver"]),
        ("tickets", ["example_id", "handed_over", "reopened", "first_answered_at", "due_at", "waiting_since"]),
        ("conversations", ["seen"]),
        ("domains", ["second_approval", "due_hours"]),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
