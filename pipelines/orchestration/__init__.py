"""What Dagster sees of the hub: assets, checks, jobs, schedules, sensor. The work itself is done by the functions the command line calls.

Files that define assets do without postponed annotations, because Dagster reads the annotations as types.
"""
