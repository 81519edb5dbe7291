"""Alembic's entry: migrates the tables of all three rooms over the connection that `schema.upgrade` hands in."""

from alembic import context

from assistant.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
