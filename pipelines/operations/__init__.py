"""Keeps an installation healthy: checks of configuration, machine and warehouse."""
