from rig import http
def test_probe(emulator, stack, api):
    for p in ["/api/jobs/b/run%232?a=1&b=x%20y&b=2","/api/jobs/b/what%3F?x=%2F", "/api/jobs/b/50%25%20%C3%A4%23?x=1","/api/jobs/a%2525/x%23", "/api/jobs/b/j?x=1"]:
        a=api.get(p); print(p,a.status,a.body)
    assert 0
