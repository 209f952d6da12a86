"""Ten thousand hosts against DynamoDB's published limits: which key gets how much, and what is turned away.

The load is driven through the real key design (shared/store/src/keys.rs), second by second. A partition
takes 1,000 write and 3,000 read units a second and saves up to 300 seconds of what it did not use; adaptive
capacity gives a hot key a partition of its own, never more (AWS, "Burst and adaptive capacity"). So
a key may be asked for that much, and the table for twice its last peak.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass

WRITES, READS, SAVED_SECONDS = 1_000, 3_000, 300
#: What a new table on demand takes at once; it doubles when used. More can be warmed up beforehand.
TABLE_WRITES, TABLE_READS = 4_000, 12_000
#: Concurrency of an account, unless asked for more; a function gains this much in ten seconds.
ACCOUNT_CONCURRENCY, GAIN = 1_000, 1_000
#: Appends to one feed follow each other; each takes a round to the table.
APPENDS_PER_SECOND = 200
TOUCH_SECONDS, HOST_TOUCH_SECONDS = 10, 60
#: A function is taken by a report for so long.
SECONDS_OF_A_REPORT = 0.03


@dataclass
class Load:
    """Who does how much."""

    name: str
    hosts: int = 10_000
    batches: int = 2_500
    viewers: int = 5_000
    watched: int = 1_000
    events_per_minute: int = 1_000_000
    seconds_between_posts: float = 5.0
    starts_in_seconds: float = 600.0
    projects: int = 20
    owners: int = 50
    seconds: int = 60


@dataclass
class Outcome:
    load: Load
    writes_per_second: float
    reads_per_second: float
    hottest: list[tuple[str, float, float]]
    refused: Counter
    appends: float
    concurrency: float


class Keys:
    """Units asked per key and second, against what a partition takes."""

    def __init__(self):
        # Nothing is saved at first: what holds then holds for hours.
        self.saved = defaultdict(lambda: [0.0, 0.0])
        self.asked = defaultdict(lambda: [0.0, 0.0])
        self.most = defaultdict(lambda: [0.0, 0.0])
        self.refused: Counter = Counter()
        self.total = [0.0, 0.0]

    def ask(self, key: str, writes: float = 0.0, reads: float = 0.0) -> None:
        asked = self.asked[key]
        asked[0] += writes
        asked[1] += reads
        self.total[0] += writes
        self.total[1] += reads

    def end_second(self) -> None:
        for key, asked in self.asked.items():
            for kind, limit in enumerate((WRITES, READS)):
                self.most[key][kind] = max(self.most[key][kind], asked[kind])
                over = asked[kind] - limit
                saved = self.saved[key]
                if over > saved[kind]:
                    self.refused[key.split("#")[0]] += over - saved[kind]
                saved[kind] = min(max(saved[kind] - over, 0), limit * SAVED_SECONDS)
        self.asked.clear()


def poisson(dice: random.Random, mean: float) -> int:
    if mean > 50:
        return max(round(dice.gauss(mean, mean**0.5)), 0)
    found, chance, limit = 0, dice.random(), 2.718281828459045**-mean
    while chance > limit:
        found += 1
        chance *= dice.random()
    return found


def run(load: Load, measured: dict, seed: int = 7) -> Outcome:
    dice, keys = random.Random(seed), Keys()
    posts_per_host = 1 / load.seconds_between_posts
    hosts_per_batch = load.hosts / load.batches
    events = load.events_per_minute / 60 / (load.hosts * posts_per_host)
    # A request: one feed item and one chunk, each growing with the events, and the summary of its job.
    alone, hundred = measured["epoch_alone"]["write_units"], measured["epochs_100"]["write_units"]
    per_event = max(hundred - alone, 0) / 99
    feed = chunk = (alone - 1) / 2 + per_event * max(events - 1, 0) / 2
    per_look = {kind: measured[f"stream_{kind}"]["read_units"] for kind in ("active", "idle")}
    started = appends = 0
    for second in range(load.seconds):
        due = min(int(load.hosts * (second + 1) / load.starts_in_seconds), load.hosts) - started
        for number in range(started, started + due):
            # A host's first report: the batch, its entries and indexes, in one transaction.
            batch = number % load.batches
            keys.ask(f"B#{batch}", writes=2 * 3)
            keys.ask("ACTIVE#", writes=2)
            keys.ask(f"PB#{batch % load.projects}", writes=2)
            keys.ask(f"gsi1:O#{batch % load.owners}", writes=1)
            keys.ask("gsi2:ALL#", writes=1)
        started += due
        for batch in range(load.batches):
            posts = poisson(dice, hosts_per_batch * posts_per_host)
            if not posts:
                continue
            # What comes while a write is under way is folded into the next one.
            together = min(posts, APPENDS_PER_SECOND)
            appends = max(appends, posts)
            keys.ask(f"F#{batch}", writes=feed * together)
            keys.ask(f"B#{batch}", writes=posts + hosts_per_batch / TOUCH_SECONDS / max(hosts_per_batch, 1), reads=posts * 0.5)
            for _ in range(min(posts, 50)):
                keys.ask(f"E#{batch}#{dice.randrange(max(int(hosts_per_batch), 1) * 4)}", writes=chunk * posts / min(posts, 50))
            # A snapshot every half minute, whose index is by host.
            snapshots = hosts_per_batch / 30
            keys.ask(f"R#{batch}", writes=snapshots)
            keys.ask(f"gsi1:RH#{batch}#{dice.randrange(max(int(hosts_per_batch), 1))}", writes=snapshots)
        owner_hosts = load.hosts / load.owners
        for owner in range(load.owners):
            keys.ask(f"HO#{owner}", writes=owner_hosts / HOST_TOUCH_SECONDS)
        for watched in range(load.watched):
            viewers = load.viewers / load.watched
            keys.ask(f"F#{watched % load.batches}", reads=viewers * per_look["active"])
        keys.ask("ACTIVE#", reads=load.batches * 0.1 / 4 / 60)
        # Every process writes once a minute what it did.
        keys.ask("SPENT#", writes=(load.viewers + load.hosts * posts_per_host * SECONDS_OF_A_REPORT) / 60)
        keys.end_second()
    rate = load.hosts * posts_per_host
    hottest = sorted(((k, w, r) for k, (w, r) in keys.most.items()), key=lambda t: -max(t[1] / WRITES, t[2] / READS))
    return Outcome(
        load,
        keys.total[0] / load.seconds,
        keys.total[1] / load.seconds,
        hottest[:3],
        keys.refused,
        appends,
        rate * SECONDS_OF_A_REPORT + load.viewers,
    )


LOADS = [
    Load("2,500 sweeps of four hosts, a thousand of them watched"),
    Load("the same, all started within a minute in one project of one person", projects=1, owners=1, starts_in_seconds=60),
    Load("the same, every viewer on one batch", watched=1),
    Load("one sweep over all hosts", batches=1, watched=1, viewers=50),
    Load("ten sweeps of a thousand hosts", batches=10, watched=10),
]


def document(measured: dict, cost) -> str:
    rows, notes = [], []
    for load in LOADS:
        found = run(load, measured)
        key, writes, reads = found.hottest[0]
        refused = sum(found.refused.values())
        verdict = "none" if not refused else ", ".join(sorted(found.refused)) + " turned away"
        share = max(writes / WRITES, reads / READS)
        dollars = found.writes_per_second * cost.prices["dynamodb"]["write_unit"] + found.reads_per_second * cost.prices["dynamodb"]["read_unit"]
        posts = load.hosts / load.seconds_between_posts
        hour = 3600 * (dollars + posts * (cost.call("epoch_alone") - cost.table("epoch_alone")))
        hour += load.viewers * 3600 * cost.request["stream_gb"] * cost.prices["lambda"]["gb_second"]
        rows.append(
            f"| {load.name} | {found.writes_per_second:,.0f} | {found.reads_per_second:,.0f} | `{key.rstrip('#')}` {share:.0%} | {verdict} | {found.concurrency:,.0f} | {hour:,.0f} |"
        )
        if found.appends > APPENDS_PER_SECOND:
            notes.append(f"- *{load.name}*: {found.appends:,} reports a second want to append to one feed, which takes about {APPENDS_PER_SECOND}; they are folded and wait.")
    active = measured["stream_active"]["read_units"]
    return f"""## Ten thousand hosts

`cost/scale.py` drives the real keys against DynamoDB's published limits: 10,000 hosts that send a million events a minute, 5,000 open pages, for
a minute, with nothing saved up. A key takes {WRITES:,} write and {READS:,} read units a second.

| load | write units/s | read units/s | hottest key, of its limit | refused | functions at once | dollars/hour |
|---|---|---|---|---|---|---|
{chr(10).join(rows)}

{chr(10).join(notes)}
- A new table on demand takes {TABLE_WRITES:,} write units at once and doubles as it is used: warm it up (`WarmThroughput`) or start hosts over half an hour.
- More than {ACCOUNT_CONCURRENCY:,} functions at once have to be asked for; a function gains {GAIN:,} in ten seconds, so 5,000 pages open within a minute.
- One batch: about {int(WRITES / 2)} reports a second (2,500 hosts every five seconds), and {int(READS / max(active, 0.01)):,} open pages. A larger sweep is told as
  several batches of one study; a public page that thousands watch should be a snapshot.
"""
