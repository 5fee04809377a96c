"""Run by Alembic: applies the migrations on the connection, and in the transaction, that `database` passes."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
