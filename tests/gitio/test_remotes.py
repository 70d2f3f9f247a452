"""What people may see of an address."""

from __future__ import annotations

import pytest

from buildlog_git.gitio.remotes import Remote, without_secrets


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://ada:s3cr3t@host/x.git", "https://host/x.git"),
        ("https://s3cr3t@host:8443/x.git", "https://host:8443/x.git"),
        ("http://ada:pa@s3cr3t@host/x", "http://host/x"),
        ("https://ada:s3cr3t/more@host/y", "https://host/y"),
        ("https://ada:1s3cr3t/m@host/y", "https://host/y"),
        ("https://host/x?private_token=s3cr3t", "https://host/x"),
        ("ssh://git@host:22/~ada/x", "ssh://host:22/~ada/x"),
        ("https://host/@scope/x", "https://host/@scope/x"),
        ("https://host:80/@scope/x", "https://host:80/@scope/x"),
        ("https://[::1]:80/@scope/x", "https://[::1]:80/@scope/x"),
        ("git@host:team/x.git", "git@host:team/x.git"),
        ("../x@y", "../x@y"),
    ],
)
def test_no_secret_of_an_address_is_shown(address: str, shown: str) -> None:
    assert Remote(address, "at/x").shown == shown
    said = "unable to access {0!r}: nobody is there, {0}"
    assert without_secrets(said.format(address)) == said.format(shown)
