from concurrent.futures import ThreadPoolExecutor
def test_probe(emulator, stack, api, account, batch):
    from rig import events
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: api.post("/api/events", events.epoch(batch,"j1",n), account.token).expect(200), range(40)))
    logs=emulator.client("logs")
    for g in ("api-ingest","api-auth","api-batches","api-account"):
        try:
            s=logs.describe_log_streams(logGroupName=f"/aws/lambda/argus-e2e-{g}")["logStreams"]; print(g,len(s))
            ev=logs.filter_log_events(logGroupName=f"/aws/lambda/argus-e2e-{g}")["events"]
            for e in ev[:8]: print("   ",e["message"][:300])
        except Exception as e: print(g, e)
    print(emulator._child.log.read_text().count("environment spawned for argus-e2e-api-ingest"))
    assert 0
