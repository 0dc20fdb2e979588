import pytest

from drawbridge.testkit.servers import ServerError
from drawbridge.testkit.servers.rabbitmq4 import private_apt

TARGETS = """\
bookworm-updates http://mirror.test/debian/
bookworm-security http://mirror.test/debian-security/
bookworm http://mirror.test/debian/
"""


def test_the_mirror_is_the_one_that_the_machine_takes_its_release_from() -> None:
    assert private_apt.mirror_in(TARGETS) == "http://mirror.test/debian/"


def test_security_updates_alone_are_no_mirror() -> None:
    with pytest.raises(ServerError, match="no Debian mirror"):
        private_apt.mirror_in("bookworm-security http://mirror.test/debian-security/\n")
