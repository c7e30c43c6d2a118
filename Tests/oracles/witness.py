"""The world around a nudged that is killed, starved and misled: a shop that lists each event that nudged acknowledged, a
mail server that lists each hand-over at receipt, and a judge that compares both lists with nudged's ledger.

    witness.py NUDGED_SOCKET CONTROL_SOCKET

Prints `ready URL PORT`, where the mail server is as SES and by SMTP, and runs until it is ended. What happens is told to it over the
control socket, by HTTP with JSON; every answer is JSON:

    POST /load {"seed", "connections", "rate", "orders", "changes", "batches", "steps", "limit"}   the shop opens
    POST /close                       the shop opens no checkouts any more; answers once all it said is acknowledged
    POST /mood {"hang", "lose", "fail", "slow"}    how the mail server treats what comes: shares from 0 to 1
    POST /aim {"at", "after", "pid", "signal"}     sends a signal at that moment; answers once it has
    POST /until {"acknowledged", "handed_over", "refused", "waiting"}   answers once there are so many more than now
    POST /reached {…}                 answers once there are so many in all
    POST /drained                     answers once nudged has nothing left to send
    POST /drained-but {"scheduled"}   answers once nudged has nothing on its way, and so much that waits for its time
    POST /passed {"seconds"}          answers then
    POST /forge {"what"}              makes something up for the judge to find: repeat, backdate
    POST /verdict {"database", "maildir", "stepped", "smtp"}   what was lost, doubled, too early or too late
    POST /numbers                     what was counted so far
"""

import asyncio
import sys

from witness.control import Control
from witness.mail import MailServer
from witness.shop import Shop
from witness.world import World


async def main(nudged, control):
    world = World()
    mail = MailServer(world)
    shop = Shop(world, nudged)
    ses, smtp = await mail.start()
    await Control(world, shop, mail, nudged).start(control)
    print(f"ready http://127.0.0.1:{ses} {smtp}", flush=True)
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1], sys.argv[2]))
