"""The history of the database's schema for Alembic, which runs `env`; `versions` has one file for each step."""
