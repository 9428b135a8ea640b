"""Keeping a warehouse: backup, restore, check. The schema's own upgrades stand in warehouse/migrations."""
