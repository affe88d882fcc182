"""Runs every foreign client against one daemon."""
import asyncio
import sys

import aiorpcx_client
import pjrpc_client
import schema_client
from daemon import Daemon
from tally import Tally


def main():
    tally = Tally()
    with Daemon(sys.argv[1]) as daemon:
        asyncio.run(aiorpcx_client.run(daemon.socket, tally))
        pjrpc_client.run(daemon.socket, tally)
        schema_client.run(daemon.socket, tally)
        tally.check("the daemon ends in order", daemon.end() == 0)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


sys.exit(main())
