"""Alembic's entry point: runs revisions on the connection given by ``upgrade_schema``."""

from alembic import context

from warehouse.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, compare_type=False
)
with context.begin_transaction():
    context.run_migrations()
