"""A faithful stand-in for an enaio gateway with both interfaces and all its faults, on loopback. Simulated data only."""

from tests.fakes.enaio.accounts import Accounts
from tests.fakes.enaio.faults import FAULTS, Fault
from tests.fakes.enaio.holdings import Holdings, Table, sample
from tests.fakes.enaio.server import Asked, FakeEnaio

__all__ = ["FAULTS", "Accounts", "Asked", "FakeEnaio", "Fault", "Holdings", "Table", "sample"]
