"""The only package that knows Dagster: order, schedules, checks, configuration and the command line."""
