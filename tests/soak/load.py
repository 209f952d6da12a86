"""Who is there: reporters that note what was acknowledged, viewers that note what they were shown, and
somebody who deletes, stops, sweeps and browses meanwhile."""

import asyncio
import json
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from server import insist
from wire import BROKEN, Client, stream


def event(kind: str, batch: str, job: str | None = None, **data) -> dict:
    return {
        "schema_version": "1.1",
        "event_id": str(uuid.uuid4()),
        "event_type": kind,
        "timestamp": datetime.now(UTC).isoformat(),
        "batch_id": batch,
        "job_id": job,
        "source": {"project": f"soak-{hash(batch) % 5}", "host": f"host-{hash(batch) % 20}", "user": "soak"},
        "data": data,
    }


@dataclass
class Reporter:
    """Reports one batch of two jobs, in requests of some epochs, each repeated until it is acknowledged."""

    client: Client
    batch: str
    #: Epochs acknowledged per job, with their event ids.
    told: dict[str, dict[int, str]] = field(default_factory=lambda: {"a": {}, "b": {}})
    deleted: bool = False
    repeats: int = 0

    async def run(self, watched: asyncio.Event, until: float, dice: random.Random) -> None:
        opening = [event("batch_start", self.batch, experiment_type="soak", n_total_jobs=2)]
        opening += [event("job_start", self.batch, job, model="m", dataset="d") for job in self.told]
        await self._post(opening)
        # Who watches from now on is shown everything from now on.
        await watched.wait()
        number = 0
        while time.monotonic() < until and not self.deleted:
            many = dice.choice((1, 1, 5, 40))
            job = dice.choice(tuple(self.told))
            epochs = [event("job_epoch", self.batch, job, epoch=number + i, val_loss=1 / (number + i + 1)) for i in range(many)]
            if await self._post(epochs):
                self.told[job].update({posted["data"]["epoch"]: posted["event_id"] for posted in epochs})
            number += many
            await asyncio.sleep(dice.uniform(0.5, 2.5))
        if not self.deleted:
            ending = [event("job_done", self.batch, job, status="DONE", elapsed_s=1) for job in self.told]
            await self._post([*ending, event("batch_done", self.batch, n_done=2, n_failed=0)])
        self.client.close()

    async def _post(self, events: list[dict]) -> bool:
        """Whether the events count as stored: whatever happened before, the last answer says so."""
        begun = time.monotonic()
        answer = await insist(self.client, "POST", "/api/events/batch", {"events": events}, 600)
        self.repeats += time.monotonic() - begun > 5
        said = answer.json()
        if answer.status != 200:
            raise SystemExit(f"soak: {self.batch} was answered {answer.status}: {said}")
        if said["rejected"] == 0:
            return True
        # Somebody deleted the batch meanwhile: what is refused is not missed.
        if not all("delet" in json.dumps(result).lower() for result in said["results"] if result["status"] == "rejected"):
            raise SystemExit(f"soak: {self.batch} was refused: {said}")
        self.deleted = True
        return False

    def event_ids(self) -> set[str]:
        return {event_id for job in self.told.values() for event_id in job.values()}


@dataclass
class Viewer:
    """Watches a batch, comes back with its cursor whenever the stream broke."""

    port: int
    bearer: str
    batch: str
    seen: Counter = field(default_factory=Counter)
    breaks: int = 0
    resyncs: int = 0
    cursor: str | None = None

    async def run(self) -> None:
        path = f"/api/sse?channels={quote('batch:' + self.batch, safe='')}"
        while True:
            try:
                async for frame in stream(self.port, path, self.bearer, self.cursor):
                    self.cursor = frame.get("id") or self.cursor
                    if frame.get("event") == "job_epoch":
                        self.seen[json.loads(frame["data"])["event_id"]] += 1
                    elif frame.get("event") == "resync":
                        self.resyncs += 1
            except BROKEN:
                pass
            self.breaks += 1
            await asyncio.sleep(0.2)


class Bystander:
    """Browses, deletes, stops and sweeps; only answers that must not be are its business."""

    def __init__(self, client: Client, victims: list[Reporter], dice: random.Random):
        self.client, self.victims, self.dice = client, victims, dice
        self.done: Counter = Counter()

    async def run(self, until: float) -> None:
        while time.monotonic() < until:
            victim = self.dice.choice(self.victims)
            deeds = [
                ("list", "GET", "/api/batches?limit=100", None),
                ("dashboard", "GET", "/api/dashboard", None),
                ("jobs", "GET", f"/api/batches/{victim.batch}/jobs", None),
                ("curve", "GET", f"/api/jobs/{victim.batch}/a/epochs?max_points=200", None),
                ("stop", "POST", f"/api/batches/{victim.batch}/stop", {}),
                ("delete", "DELETE", f"/api/batches/{victim.batch}", None),
                ("sweep", "POST", "/api/admin/retention/sweep", {}),
            ]
            name, method, path, body = self.dice.choice(deeds)
            answer = await insist(self.client, method, path, body, 600)
            if answer.status >= 500:
                raise SystemExit(f"soak: {method} {path} was answered {answer.status}")
            self.done[name if answer.status < 400 else f"{name} {answer.status}"] += 1
            await asyncio.sleep(self.dice.uniform(0.2, 1.0))
