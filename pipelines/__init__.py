"""Runs the hub: intake, figures, transfer, command line and Dagster; only here is Dagster known."""
