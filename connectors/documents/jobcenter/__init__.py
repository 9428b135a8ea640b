"""Writes the Jobcenter's forms and the parcel they are handed over in."""
