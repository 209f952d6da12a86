"""From measured capacity to dollars: model.py [--check] writes ../COST.md, or only checks the budgets.

measured.json comes from `argus-bench --cost`: units and calls of DynamoDB per deed. prices.toml are AWS's prices,
places.toml says what happens in a month. The simulation of ten thousand hosts is in scale.py.
"""

import json
import sys
import tomllib
from pathlib import Path

import scale

HERE = Path(__file__).parent
#: Write units a deed may cost, five seconds after the one before: what the request itself writes (3 for an epoch,
#: which a test of api-ingest holds) and its share of what is written by time, such as a batch's last sign of life.
BUDGETS = {"epoch_alone": 4.0, "epochs_100": 20.0, "log_lines_100": 25.0, "snapshot": 4.0}
HOURS = 730
#: Seconds a scheduled function works when there is little to do, and how often the two are woken in a minute.
TICK_SECONDS, TICKS = 0.05, 2


def load(name: str) -> dict:
    return tomllib.loads((HERE / name).read_text())


class Prices:
    """Dollars of deeds, without free allowances."""

    def __init__(self, measured: dict, prices: dict):
        self.measured, self.prices, self.request = measured, prices, prices["request"]

    def table(self, deed: str) -> float:
        units, price = self.measured[deed], self.prices["dynamodb"]
        return units["write_units"] * price["write_unit"] + units["read_units"] * price["read_unit"]

    def gb_seconds(self, deed: str, slower: float = 1) -> float:
        """Of a function that asks the table call by call and then does its own work."""
        millis = self.measured[deed]["calls"] * self.request["round_ms"] + self.request["own_ms"]
        return slower * millis / 1000 * self.request["memory_gb"]

    def call(self, deed: str, slower: float = 1) -> float:
        """One request through the front door: door, gateway, function, log, table."""
        p = self.prices
        door = p["cloudfront"]["request"] + p["cloudfront"]["function"]
        function = p["lambda"]["request"] + self.gb_seconds(deed, slower) * p["lambda"]["gb_second"]
        moved = self.request["bytes_out"] / 1e9 * p["cloudfront"]["gb_out"] if deed.startswith("read") else 0
        return door + moved + p["api"]["request"] + function + self.request["log_bytes"] / 1e9 * p["logs"]["gb"] + self.table(deed)

    def page(self) -> dict[str, int]:
        """Requests of a page of a batch: the batch, its jobs, four curves."""
        return {"read_batch": 1, "read_jobs": 1, "read_curve": 4}

    def job_hour(self, epochs: int) -> dict[str, int]:
        """Requests of a running job: its begin and end, its epochs, a snapshot every half minute, 100 lines."""
        return {"job_begin": 1, "job_end": 1, "epoch_alone": epochs, "snapshot": 120, "log_lines_100": 1}

    def together(self, requests: dict[str, int]) -> float:
        return sum(number * self.call(deed) for deed, number in requests.items())

    def million_events(self, together: int) -> float:
        return 1e6 / together * self.call("epochs_100" if together == 100 else "epoch_alone")

    def browser_hour(self, active: bool) -> float:
        """An open page: a stream all the time, which the door passes through."""
        units = self.measured["stream_active" if active else "stream_idle"]["read_units"]
        table = 3600 * units * self.prices["dynamodb"]["read_unit"]
        return table + 3600 * self.request["stream_gb"] * self.prices["lambda"]["gb_second"]


def month(cost: Prices, place: dict) -> dict[str, float]:
    """The lines of a monthly bill."""
    p = cost.prices
    running, page = cost.job_hour(place["epochs_per_job_hour"]), cost.page()
    views = place["browser_hours"] * place["page_views_per_browser_hour"]
    ticks = TICKS * HOURS * 60
    tick_gb_seconds = ticks * TICK_SECONDS * cost.request["memory_gb"]
    gb = max(place["stored_gb"] - p["dynamodb"]["free_gb"], 0)
    calls = place["job_hours"] * sum(running.values()) + views * sum(page.values())
    gb_seconds = tick_gb_seconds + place["browser_hours"] * 3600 * cost.request["stream_gb"]
    for times, requests in ((place["job_hours"], running), (views, page)):
        gb_seconds += times * sum(number * cost.gb_seconds(deed) for deed, number in requests.items())
    # What is free every month, for ever.
    free = min(calls + ticks, p["lambda"]["free_requests"]) * p["lambda"]["request"]
    free += min(gb_seconds, p["lambda"]["free_gb_seconds"]) * p["lambda"]["gb_second"]
    free += min(calls, p["cloudfront"]["free_requests"]) * p["cloudfront"]["request"]
    free += min(calls, p["cloudfront"]["free_functions"]) * p["cloudfront"]["function"]
    return {
        "reporting": place["job_hours"] * cost.together(running),
        "open pages": place["browser_hours"] * cost.browser_hour(active=True),
        "pages looked at": views * cost.together(page),
        "schedules": ticks * p["lambda"]["request"] + tick_gb_seconds * p["lambda"]["gb_second"],
        "rows kept": gb * p["dynamodb"]["gb_month"] + place["stored_gb"] * p["dynamodb"]["backup_gb_month"],
        "files kept": place["files_gb"] * p["s3"]["gb_month"],
        "figures in CloudWatch": place["figures"] * p["metrics"]["each"],
        "free every month": -free,
    }


def dollars(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 0.1 or not value else f"{value:.2g}"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def deeds(cost: Prices) -> str:
    rows = []
    for name, units in cost.measured.items():
        stream = name.startswith("stream")
        rows.append(
            [
                name.replace("_", " "),
                f"{units['write_units']:g}",
                f"{units['read_units']:g}",
                "" if stream else f"{units['calls']:g}",
                "" if stream else "1",
                f"{cost.request['stream_gb'] if stream else cost.gb_seconds(name):.2g}",
                "" if stream else f"{1e6 * cost.call(name):,.2f}",
                f"{BUDGETS[name]:g}" if name in BUDGETS else "",
            ]
        )
    head = ["deed", "write units", "read units", "calls of the table", "invocations", "GB-seconds", "dollars a million", "budget (write units)"]
    return table(head, rows)


def document(measured: dict) -> str:
    places = load("places.toml")
    cost = Prices(measured, load("prices.toml"))
    answers = [
        ["a million epochs, 100 in a request", dollars(cost.million_events(100))],
        ["a million epochs, each on its own", dollars(cost.million_events(1))],
        ["an hour of a running job (an epoch a minute, a snapshot every 30 s, 100 lines)", dollars(cost.together(cost.job_hour(60)))],
        ["an hour of an open page, nothing happens", dollars(cost.browser_hour(active=False))],
        ["an hour of an open page, an event a second", dollars(cost.browser_hour(active=True))],
        ["a page of a batch looked at", dollars(cost.together(cost.page()))],
    ]
    slower = cost.call("epoch_alone", slower=2) / cost.call("epoch_alone") - 1
    bills = {name: month(cost, place) for name, place in places.items()}
    lines = [[line, *(dollars(bill[line]) for bill in bills.values())] for line in next(iter(bills.values()))]
    lines.append(["**together**", *(f"**{dollars(max(sum(bill.values()), 0))}**" for bill in bills.values())])
    who = "\n".join(f"- **{name}**: {place['about']}" for name, place in places.items())
    return f"""# What Argus costs on AWS

Made by `make cost` from measured capacity (`cost/measured.json`), published prices (`cost/prices.toml`) and three places
(`cost/places.toml`). Change the last two to yours and run it again. Dollars, us-east-1, without tax; the machine's own hours (GPUs) are
another order of magnitude and not here.

{table(["what", "dollars"], answers)}
## A month

{who}

{table(["", *bills], lines)}
## Measured

Per deed, counted by the SDK (`ReturnConsumedCapacity`) over the whole router, as one of several instances and five seconds after the request
before, so that nothing is remembered that would not be. A write unit is one KB, in a transaction two. `cargo test` asks all of them again and
fails when one became a tenth dearer than this table; `make cost` fails when one exceeds its budget.

{deeds(cost)}
`stream` rows are per second of one open page.

Not measured, because it takes an account: billed milliseconds. Each call of the table is taken for a round of {cost.request["round_ms"]} ms after the one
before, and our own work for {cost.request["own_ms"]} ms; take twice that and a report costs {slower:.0%} more, since most of its price is the gateway and the table.

## Where the money goes, and what was done about it
- A report costs one request of the gateway and one of the front door; 100 events in a request cost hardly more than one. Current reporters gather.
- An open page costs its stream's memory-seconds. A stream without news ends itself after five minutes (`StreamIdleSeconds`) and the page returns
  when it is looked at again.
- Figures per route in CloudWatch (`Figures`) are off: 150 of them in constant use cost 45 dollars a month, more than all of a lab.
- Keys are kept in the parameter store, which is free, not in Secrets Manager.
- There is no idle price: with nobody there it is two schedules a minute, some cents.

{scale.document(measured, cost)}"""


def main() -> None:
    measured = json.loads((HERE / "measured.json").read_text())
    dearer = [
        f"{name} costs {measured[name]['write_units']} write units, its budget is {budget}"
        for name, budget in BUDGETS.items()
        if measured[name]["write_units"] > budget
    ]
    for problem in dearer:
        print(f"cost: {problem}", file=sys.stderr)
    if dearer:
        raise SystemExit(1)
    if "--check" not in sys.argv:
        (HERE.parent / "COST.md").write_text(document(measured))


if __name__ == "__main__":
    main()
