"""A real argus-local, shared by the adapters' tests; each test has a project of its own."""

import pytest

from argus_server import Server


class Site:
    """A server, an account on it, and a project: what a script reports to and what became of it."""

    def __init__(self, server, session: str, token: str, project: str):
        self.server, self.session, self.token, self.project = server, session, token, project

    def get(self, path: str):
        status, answer = self.server.call("GET", path, bearer=self.session)
        assert status == 200, (path, status, answer)
        return answer

    def batch(self):
        """The only batch of the project, once it has ended."""
        ended = {"done", "failed", "stopped"}
        path = f"/api/batches?project={self.project}"
        batches = self.server.until(path, self.session, lambda b: len(b) == 1 and b[0]["status"] in ended)
        return self.get(f"/api/batches/{batches[0]['id']}")

    def jobs(self):
        jobs = self.get(f"/api/batches/{self.batch()['id']}/jobs")
        return {job["id"]: job for job in jobs}

    def epochs(self, job: str):
        return self.get(f"/api/jobs/{self.batch()['id']}/{job}/epochs")


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("argus") / "data")
    server.start()
    yield server, *server.account("adapters")
    server.stop()


@pytest.fixture
def site(running, request, monkeypatch, tmp_path):
    server, session, token = running
    monkeypatch.setenv("ARGUS_URL", server.url)
    monkeypatch.setenv("ARGUS_TOKEN", token)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("ARGUS_DISABLE", "ARGUS_MODE", "ARGUS_BATCH_ID"):
        monkeypatch.delenv(name, raising=False)
    name = f"{request.module.__name__}-{request.node.name}".replace("[", "-").replace("]", "")
    return Site(server, session, token, name)
