"""Documents: their source, who keeps them true and until when; of a version its name and how often it was begun"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("responsible", sa.String(length=120), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("review_on", sa.Date(), nullable=True))
        batch_op.create_index("ix_documents_place", ["domain", "filename"])
    with op.batch_alter_table("document_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("filename", sa.String(length=255), nullable=False, server_default=""))
    op.execute(
        "UPDATE document_versions SET filename ="
        " (SELECT filename FROM documents WHERE documents.id = document_versions.document_id)"
    )


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("document_versions", schema=None) as batch_op:
        batch_op.drop_column("filename")
        batch_op.drop_column("attempts")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_index("ix_documents_place")
        for name in ("review_on", "responsible", "source"):
            batch_op.drop_column(name)
