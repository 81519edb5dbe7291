"""Departments' own confidences, and promises by severity"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "confidence_fits",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("domain", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("bias", sa.Float(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("shared", sa.String(length=64), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["domain"], ["domains.name"], name=op.f("fk_confidence_fits_domain_domains")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confidence_fits")),
        sa.UniqueConstraint("domain", "number", name=op.f("uq_confidence_fits_domain")),
    )
    with op.batch_alter_table("domains", schema=None) as batch_op:
        batch_op.add_column(sa.Column("weighted", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("domains", schema=None) as batch_op:
        batch_op.drop_column("weighted")
    op.drop_table("confidence_fits")
