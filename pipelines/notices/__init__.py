"""Tells earlier recipients that what they were sent no longer holds, and follows that up."""
