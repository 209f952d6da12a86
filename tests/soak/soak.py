"""Load and faults, recounted: soak.py [--seconds N] [--reporters N] [--viewers N] [--kill-every N] [--seed N]

Everything acknowledged must be there once and nothing twice, and every viewer must have been shown every frame
exactly once, whatever was killed or cut meanwhile. Exit code 1 when not.
"""

import argparse
import asyncio
import random
import shutil
import sys
import time
from collections import Counter

from load import Bystander, Reporter, Viewer
from proxy import Proxy
from server import Server, fresh_home, insist
from wire import Client

#: How long viewers may take to hear the last frames when all is calm again.
CATCH_UP_SECONDS = 120


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--reporters", type=int, default=200)
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--kill-every", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


async def killings(server: Server, every: float, until: float) -> None:
    while time.monotonic() + every < until:
        await asyncio.sleep(every)
        await server.kill()
        await server.start()


async def recount(server: Server, reporters: list[Reporter], bearer: str) -> list[str]:
    """Compares what was acknowledged with what is stored, asked anew."""
    client, problems = Client(server.port, bearer), []
    for reporter in reporters:
        if reporter.deleted:
            continue
        for job, told in reporter.told.items():
            answer = await insist(client, "GET", f"/api/jobs/{reporter.batch}/{job}/epochs")
            if answer.status == 404:
                # Deleted, and the reporter had nothing to say since.
                reporter.deleted = True
                break
            found = Counter(point["epoch"] for point in answer.json())
            missing = [epoch for epoch in told if epoch not in found]
            double = [epoch for epoch, count in found.items() if count > 1]
            unknown = [epoch for epoch in found if epoch not in told]
            if missing or double or unknown:
                problems.append(f"{reporter.batch}/{job}: missing {missing[:5]}, double {double[:5]}, unknown {unknown[:5]}")
    client.close()
    return problems


def alive(tasks: list[asyncio.Task]) -> None:
    """Raises what ended a task that should not have ended."""
    for task in tasks:
        if task.done() and task.exception():
            raise task.exception()


def unseen(viewers: list[Viewer], reporters: dict[str, Reporter]) -> list[Viewer]:
    return [viewer for viewer in viewers if reporters[viewer.batch].event_ids() - set(viewer.seen)]


def shown_wrongly(viewers: list[Viewer], by_batch: dict[str, Reporter]) -> list[str]:
    """What viewers were not shown though it was acknowledged, or twice within one stream."""
    found = []
    for viewer in viewers:
        missed = by_batch[viewer.batch].event_ids() - set(viewer.seen)
        twice = [event_id for event_id, count in viewer.seen.items() if count > 1]
        if missed or twice:
            found.append(f"viewer of {viewer.batch}: missed {len(missed)}, twice {len(twice)}, resyncs {viewer.resyncs}")
    return found


def tell(asked, server: Server, proxy: Proxy, reporters: list[Reporter], viewers: list[Viewer], bystanders: list[Bystander]) -> None:
    """Prints what happened."""
    epochs = sum(len(job) for reporter in reporters for job in reporter.told.values())
    shown = sum(sum(viewer.seen.values()) for viewer in viewers)
    deeds = sum((bystander.done for bystander in bystanders), Counter())
    print(
        f"soak: {asked.seconds:.0f} s, {epochs} epochs acknowledged by {len(reporters)} reporters, {shown} frames shown to {len(viewers)} viewers, "
        f"{server.kills} kills (slowest start {server.slowest_start:.1f} s), {proxy.resets} resets, {proxy.silenced} half open, "
        f"{proxy.delayed} delays, {sum(v.breaks for v in viewers)} streams resumed, "
        f"{sum(v.again for v in viewers)} frames told again after a break and dropped, "
        f"{sum(r.deleted for r in reporters)} batches deleted, {dict(sorted(deeds.items()))}"
    )


async def main() -> int:
    asked = options()
    dice, home = random.Random(asked.seed), fresh_home()
    server = Server(home)
    await server.start()
    proxy = Proxy(server.port, asked.seed)
    proxy.calm = True
    await proxy.start()
    session, token = await server.account("soak")

    def port(i: int) -> int:
        return proxy.port if i % 2 else server.port

    reporters = [Reporter(Client(port(i), token), f"soak-{i:03}") for i in range(asked.reporters)]
    # The last tenth may be deleted; nobody watches those.
    spared = reporters[: max(len(reporters) * 9 // 10, 1)]
    viewers = [Viewer(port(i // 2), session, spared[i % len(spared)].batch) for i in range(asked.viewers)]
    bystanders = [Bystander(Client(server.port, session), reporters[len(spared) :] or spared, dice) for _ in range(3)]
    watched = asyncio.Event()
    # What is deleted has to have ended, so the last tenth ends early.
    lasts = [asked.seconds if reporter in spared else asked.seconds / 3 for reporter in reporters]
    at_work = [
        asyncio.create_task(reporter.run(watched, seconds, random.Random(dice.random())))
        for reporter, seconds in zip(reporters, lasts, strict=True)
    ]
    watching = [asyncio.create_task(viewer.run()) for viewer in viewers]
    while not all(viewer.cursor for viewer in viewers):
        alive([*at_work, *watching])
        await asyncio.sleep(0.1)
    proxy.calm = False
    until = time.monotonic() + asked.seconds
    watched.set()
    at_work += [asyncio.create_task(bystander.run(until)) for bystander in bystanders]
    killer = asyncio.create_task(killings(server, asked.kill_every, until))
    await asyncio.gather(*at_work)
    await killer
    proxy.calm = True

    by_batch = {reporter.batch: reporter for reporter in reporters}
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while unseen(viewers, by_batch) and time.monotonic() < deadline:
        alive(watching)
        await asyncio.sleep(0.5)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    problems = await recount(server, reporters, session)
    problems += shown_wrongly(viewers, by_batch)
    code = await server.stop()
    if code != 0:
        problems.append(f"the server ended with {code}")
    proxy.stop()

    tell(asked, server, proxy, reporters, viewers, bystanders)
    for problem in problems:
        print(f"soak: {problem}", file=sys.stderr)
    if problems:
        print(f"soak: {len(problems)} problems; the data is in {home}", file=sys.stderr)
        return 1
    shutil.rmtree(home)
    print("soak: everything acknowledged is there once, and was shown once")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
