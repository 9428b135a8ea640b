"""Runs the fake enaio for trying things by hand: ``python -m tests.fakes.enaio --port 8080 --fault drip@3``."""

from __future__ import annotations

import argparse
import time

from tests.fakes.enaio import FAULTS, Accounts, FakeEnaio, Fault, sample


def fault(text: str) -> Fault:
    """``kind@number`` or ``kind@number+times``."""
    kind, _, where = text.partition("@")
    at, _, times = where.partition("+")
    try:
        return Fault(kind, int(at or 0), int(times or 1))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.enaio", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--persons", type=int, default=17)
    parser.add_argument("--conversations", type=int, default=5)
    parser.add_argument("--user", default=Accounts.user)
    parser.add_argument("--password", default=Accounts.password)
    parser.add_argument("--totals", choices=("exact", "lookahead"), default="lookahead")
    parser.add_argument("--largest-page", type=int, default=1_000)
    names = ", ".join(FAULTS)
    parser.add_argument(
        "--fault", type=fault, action="append", default=[], metavar="KIND@N[+TIMES]", help=names
    )
    return parser.parse_args()


def main() -> None:
    told = arguments()
    fake = FakeEnaio(
        sample(told.persons, told.conversations),
        Accounts(told.user, told.password),
        told.fault,
        told.totals,
        told.largest_page,
        told.port,
    )
    with fake:
        print(
            f"enaio (fake) at {fake.url}, user {told.user}; object types: {', '.join(fake.holdings.types)}",
            flush=True,
        )
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print(f"{fake.requests} requests, {fake.accounts.failures} refused logins")


if __name__ == "__main__":
    main()
