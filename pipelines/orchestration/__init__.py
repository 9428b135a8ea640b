"""Dagster's view of the hub: assets, checks, jobs, schedules and the sensor.

They call the same functions as the command line. Files that define assets do without postponed
annotations, because Dagster reads the annotations as types.
"""
