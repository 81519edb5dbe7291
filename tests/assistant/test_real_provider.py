"""Signing in at a real OpenID Connect provider, the one that npm has: the code flow from the first step to the last."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.assistant.identity_provider import free_port
from tests.assistant.test_company_sign_in import Door

pytestmark = pytest.mark.slow
SOURCE = Path(__file__).parent / "oidc_provider"
BACK = "http://testserver/sign-in/company/return"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The provider with its packages, in a folder of its own."""
    if shutil.which("npm") is None:
        pytest.fail("This test needs a real provider: apt-get install npm")
    folder = tmp_path_factory.mktemp("provider")
    shutil.copytree(SOURCE, folder, dirs_exist_ok=True)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def issuer(installed: Path) -> Iterator[str]:
    """The running provider's address; nobody is in a group yet."""
    port = free_port()
    groups = installed / "groups.json"
    groups.write_text("[]")
    environment = os.environ | {"PORT": str(port), "REDIRECT": BACK, "GROUPS_FILE": str(groups)}
    process = subprocess.Popen(
        ["node", "provider.js"], cwd=installed, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    while "ready" not in line:
        assert line, "the provider ended"
        line = process.stdout.readline()
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


def enter(door: Door) -> httpx.Response:
    """Leave, be signed in by the provider, come back."""
    door.web.cookies.clear()
    address = door.web.get("/sign-in/company").headers["location"]
    with httpx.Client(trust_env=False) as browser:
        for _ in range(10):
            if address.startswith(BACK):
                return door.web.get(address)
            address = str(browser.get(address).next_request.url)  # type: ignore[union-attr]
    raise AssertionError(f"the provider sends the browser round in circles: {address}")


def test_a_real_providers_people_come_in_with_the_rights_of_their_groups(
    issuer: str, installed: Path, tmp_path: Path
) -> None:
    door = Door(tmp_path, issuer, oidc_scope="openid profile groups")
    groups = installed / "groups.json"
    groups.write_text(json.dumps(["hr-leads", "operators"]))
    assert enter(door).headers["location"] == "/"
    assert (door.user.name, dict(door.user.roles)) == ("Aki Sato", {"people": "owner", "it": "reviewer"})
    assert door.user.administrator
    groups.write_text(json.dumps(["hr"]))
    enter(door)
    assert (dict(door.user.roles), door.user.administrator) == ({"people": "employee"}, False)
