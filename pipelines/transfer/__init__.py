"""Decides on and hands over what a recipient may receive."""
