"""Every spelling of an address outside public space is refused; it is the last gate before a connection."""

import pytest

from openbeian.kernel.public_addresses import is_public_address, is_public_name

REFUSED_ADDRESSES = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::2",
    "::127.0.0.1",
    "::10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "::ffff:7f00:1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "0:0:0:0:0:ffff:192.168.1.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "64:ff9b:1:fffe::10.0.0.1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fe80::1%25eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2001:4860::1%lo",
    "::1%lo",
    "2400:cb00::5efe:10.0.0.1",
    "2400:cb00::200:5efe:192.168.1.1",
    "4000::1",
    "8000::1",
]
NO_ADDRESSES = ["127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1", "127.0.0.01", "010.0.0.1", "1.2.3", "1.2.3.4.5", "127.0.0.1.", "[::1]", "::1]", "127.0.0.1:80", "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "0", "-1", "0x7f.1", "localhost"]  # fmt: skip
NO_PUBLIC_NAMES = [
    "localhost",
    "localhost.",
    "a.localhost",
    "printer.local",
    "db.internal",
    "intranet",
    "router.lan",
    "nas.home",
    "dc.corp",
    "a.test",
    "a.invalid",
    "127.1",
    "127.0.0.1",
    "0x7f000001",
    "2130706433",
    "1.2.3.0x4",
    "a.b.1",
    "a..cn",
    ".cn",
    "cn",
    "a.cn/",
    "a.cn:80",
    "user@a.cn",
    "a.cn%00",
    "xn--",
    "-a.cn",
    "a-.cn",
]


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_an_address_outside_public_space_is_refused(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_an_odd_spelling_is_no_address_and_no_name(text: str) -> None:
    assert not is_public_address(text)
    assert not is_public_name(text)


@pytest.mark.parametrize("host", NO_PUBLIC_NAMES)
def test_a_name_of_local_use_is_refused(host: str) -> None:
    assert not is_public_name(host)


def test_the_table_is_as_long_as_promised() -> None:
    assert len(set(REFUSED_ADDRESSES)) >= 60


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "223.5.5.5", "2400:3200::1", "2606:4700::6810:84e5", "::ffff:8.8.8.8"]
)
def test_a_public_address_passes(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "host", ["example.cn", "www.example.com.cn", "xn--fsqu00a.cn", "_dmarc.a.cn", "a.xn--fiqs8s", "1.cn"]
)
def test_a_public_name_passes(host: str) -> None:
    assert is_public_name(host)
