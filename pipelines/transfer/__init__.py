"""Hands personal data over to a recipient: who is released, the forms, the ledger."""
