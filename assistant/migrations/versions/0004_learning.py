"""What a department learns from: examples by topic and split, training runs, and what went live when"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("examples", schema=None) as batch_op:
        batch_op.add_column(sa.Column("facts", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("topic", sa.String(length=100), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("split", sa.String(length=20), nullable=False, server_default="train"))
    op.execute("UPDATE examples SET topic = id")
    with op.batch_alter_table("adapter_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hold_below", sa.Float(), nullable=True))
    op.create_table(
        "promotions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=True),
        sa.Column("hold_below", sa.Float(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=True),
        sa.Column("previous_hold_below", sa.Float(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_promotions_domain", "promotions", ["domain"])
    op.create_table(
        "training_runs",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("domain", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_training_runs_domain", "training_runs", ["domain"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("training_runs")
    op.drop_table("promotions")
    with op.batch_alter_table("adapter_versions", schema=None) as batch_op:
        batch_op.drop_column("hold_below")
    with op.batch_alter_table("examples", schema=None) as batch_op:
        for name in ("split", "topic", "facts"):
            batch_op.drop_column(name)
