"""Alembic's entry: runs the revisions on the connection that warehouse.migrations.upgrade hands over."""

from alembic import context

from warehouse.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, compare_type=False
)
with context.begin_transaction():
    context.run_migrations()
