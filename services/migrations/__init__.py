"""The history of the schema, one file a revision; ``python -m services.migrations "what changes"`` drafts the next."""
