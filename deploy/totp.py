"""The code a phone would show now, for the demo's accounts: `python -m deploy.totp office`."""

import sys

import pyotp

from deploy.sample.people import SIGN_INS


def main() -> int:
    """One account by its key, or all of them."""
    wanted = sys.argv[1:]
    for person in SIGN_INS:
        if person.totp and (not wanted or person.key in wanted):
            print(f"{person.key:<8} {pyotp.TOTP(person.totp).now()}")
    unknown = set(wanted) - {person.key for person in SIGN_INS if person.totp}
    if unknown:
        print(f"No account with a second factor is called {', '.join(unknown)}.", file=sys.stderr)
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
