"""The public reporter against a real server."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "kit"))
from argus_server import account, server  # noqa: E402, F401  (fixtures)


@pytest.fixture
def reporter_env(server, account, tmp_path):
    """Environment of a training script: address, token, and a home of its own for spill files."""
    home = tmp_path / "home"
    home.mkdir()
    return dict(os.environ, ARGUS_URL=server.url, ARGUS_TOKEN=account[1], HOME=str(home))
