"""Submits a sealed parcel to a FIT-Connect destination and reads what became of it."""
