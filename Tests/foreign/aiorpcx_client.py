"""aiorpcX, the library of Electrum: calls, errors, batches and notifications, asynchronously."""
import asyncio

import aiorpcx


class Session(aiorpcx.RPCSession):
    """Keeps what the daemon tells by itself."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.told = asyncio.Queue()

    async def handle_request(self, request):
        if isinstance(request, aiorpcx.Notification):
            await self.told.put((request.method, request.args))


async def run(path, tally):
    async with aiorpcx.connect_us(path, session_factory=Session) as session:
        tally.check("aiorpcX: ping", await session.send_request("server.ping") == {})
        echoed = await session.send_request("server.ping", {"text": "žluť 🐎", "n": [1, None, 2.5]})
        tally.check("aiorpcX: an echo", echoed == {"text": "žluť 🐎", "n": [1, None, 2.5]})
        for method, params, code in [
            ("no.such", {}, -32601),
            ("server.ping", [1], -32602),
            ("session.get", {"nonsense": 1}, -32602),
            ("session.get", {"profile": "nobody"}, 1011),
            ("session.token", {}, 1002),
        ]:
            with tally.raises(f"aiorpcX: {method} {params}", aiorpcx.RPCError, lambda error: error.code == code):
                await session.send_request(method, params)
        watched = await session.send_request("session.watch", {})
        await session.send_request(
            "authority.user.add", {"username": "ada", "password": "correct horse", "access": {"docs": "r"}})
        grant = await session.send_request("authority.grant", {"username": "ada"})
        signed_in = await session.send_request("session.exchange", {"accessToken": grant["accessToken"]})
        tally.check("aiorpcX: signed in", signed_in["snapshot"]["phase"] == "active")
        method, told = await asyncio.wait_for(session.told.get(), 10)
        tally.check(
            "aiorpcX: told of the sign-in",
            method == "session.changed"
            and told["subscription"] == watched["subscription"]
            and told["state"]["phase"] == "active")
        async with session.send_batch() as batch:
            batch.add_request("server.ping", {"n": 1})
            batch.add_notification("server.ping", {"n": 2})
            batch.add_request("no.such")
            batch.add_request("session.get", {"profile": "default"})
        first, refused, snapshot = batch.results
        tally.check("aiorpcX: a batch's first answer", first == {"n": 1})
        tally.check("aiorpcX: a batch's error", isinstance(refused, aiorpcx.RPCError) and refused.code == -32601)
        tally.check("aiorpcX: a batch's last answer", snapshot["phase"] == "active")
        await session.send_notification("session.invalidate", {})
        method, told = await asyncio.wait_for(session.told.get(), 10)
        tally.check("aiorpcX: a notification is carried out", told["state"]["phase"] == "signedOut")
        answers = await asyncio.gather(*(session.send_request("server.ping", {"n": n}) for n in range(200)))
        tally.check("aiorpcX: 200 calls at once", answers == [{"n": n} for n in range(200)])
