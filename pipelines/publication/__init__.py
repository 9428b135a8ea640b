"""Public tables: what is shown, what stays hidden, and the ledger of what is out."""
