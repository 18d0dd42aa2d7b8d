"""Which proxy leads where: the variables, `NO_PROXY`, and what cannot be read."""

from __future__ import annotations

import os

import pytest

from oddstail.transports.proxy import ProxyError, route, unreadable, warning

ODDS = "https://api.odds.example/v1"


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without a proxy."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy") or name == "REQUEST_METHOD"]:
        monkeypatch.delenv(name)
    return monkeypatch


def set_all(env: pytest.MonkeyPatch, values: str) -> None:
    for pair in values.split("; "):
        name, _, value = pair.partition("=")
        env.setenv(name, value)


@pytest.mark.parametrize(
    ("expected", "url", "values"),
    [
        pytest.param("http://p:3128", ODDS, "HTTPS_PROXY=http://p:3128", id="https"),
        pytest.param("http://p:3128", "wss://odds.example", "HTTPS_PROXY=http://p:3128", id="wss"),
        pytest.param("http://p:3128", "http://odds.example", "HTTP_PROXY=http://p:3128", id="http"),
        pytest.param(None, ODDS, "HTTP_PROXY=http://p:3128", id="http-is-not-for-https"),
        pytest.param("http://p:3128", ODDS, "ALL_PROXY=http://p:3128", id="all"),
        pytest.param("http://p:3128", "wss://odds.example", "all_proxy=p:3128", id="all-lower-wss"),
        pytest.param("http://a:1", ODDS, "HTTPS_PROXY=http://a:1; ALL_PROXY=http://b:1", id="https-before-all"),
        pytest.param("http://low:1", ODDS, "HTTPS_PROXY=http://up:1; https_proxy=http://low:1", id="lower-case-wins"),
        pytest.param("http://p:3128", ODDS, "HTTPS_PROXY=p:3128", id="no-scheme"),
        pytest.param("http://10.0.0.7:3128", ODDS, "HTTPS_PROXY=10.0.0.7:3128", id="address"),
        pytest.param("http://[fd00::7]:3128", ODDS, "HTTPS_PROXY=http://[fd00::7]:3128/", id="ipv6"),
        pytest.param("http://p:80", ODDS, "HTTPS_PROXY=http://p", id="no-port"),
        pytest.param("https://p:443", ODDS, "HTTPS_PROXY=https://p", id="tls-to-the-proxy"),
        pytest.param(None, "https://127.0.0.1:8443", "ALL_PROXY=http://p:3128", id="loopback"),
        pytest.param(None, "wss://[::1]:8443", "ALL_PROXY=http://p:3128", id="loopback-ipv6"),
        pytest.param(None, "http://localhost:1", "ALL_PROXY=http://p:3128", id="localhost"),
        pytest.param(None, ODDS, "HTTPS_PROXY=", id="empty"),
        pytest.param(None, ODDS, "TERM=x", id="none"),
    ],
)
def test_the_proxy_of_an_address(env: pytest.MonkeyPatch, expected: str | None, url: str, values: str) -> None:
    set_all(env, values)
    proxy = route(url).proxy
    assert expected == (None if proxy is None else proxy.url)


@pytest.mark.parametrize(
    ("is_direct", "url", "entries"),
    [
        pytest.param(True, ODDS, "api.odds.example", id="name"),
        pytest.param(True, ODDS, "API.Odds.Example", id="case"),
        pytest.param(True, ODDS, "odds.example", id="domain"),
        pytest.param(True, ODDS, ".odds.example", id="dot"),
        pytest.param(True, ODDS, "*.odds.example", id="star-and-dot"),
        pytest.param(True, "https://odds.example", ".odds.example", id="dot-and-the-domain-itself"),
        pytest.param(False, "https://myodds.example", "odds.example", id="not-a-suffix-of-a-word"),
        pytest.param(True, ODDS, "*", id="star"),
        pytest.param(True, ODDS, "a.example, *", id="star-among-others"),
        pytest.param(True, ODDS, "a.example b.example\tapi.odds.example", id="spaces"),
        pytest.param(True, "https://api.odds.example:8443", "api.odds.example:8443", id="port"),
        pytest.param(True, ODDS, "api.odds.example:443", id="default-port"),
        pytest.param(False, "https://api.odds.example:8443", "api.odds.example:443", id="another-port"),
        pytest.param(True, "wss://10.1.2.3:9", "10.0.0.0/8", id="network"),
        pytest.param(True, "wss://10.1.2.3:9", "10.1.2.9/24", id="network-with-host-bits"),
        pytest.param(False, "wss://11.1.2.3:9", "10.0.0.0/8", id="outside"),
        pytest.param(True, "https://10.1.2.3", "10.1.2.3", id="address"),
        pytest.param(True, "https://[fd00::5]:1", "localhost,fd00::/8", id="ipv6-network"),
        pytest.param(True, "https://[fd00::5]:1", "[fd00::]/8", id="ipv6-network-in-brackets"),
        pytest.param(True, "https://[fd00::5]", "fd00:0::5", id="ipv6-address"),
        pytest.param(True, "https://[fd00::5]:8443", "[fd00::5]:8443", id="ipv6-and-port"),
        pytest.param(False, "https://[fe80::5]", "fd00::/8", id="outside-ipv6"),
        pytest.param(False, ODDS, "", id="empty"),
        pytest.param(False, ODDS, ",,  ,", id="commas"),
        pytest.param(True, ODDS, "http://odds.example/, api.odds.example", id="after-an-unreadable-one"),
    ],
)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_no_proxy(env: pytest.MonkeyPatch, name: str, is_direct: bool, url: str, entries: str) -> None:
    set_all(env, f"ALL_PROXY=http://p:3128; {name}={entries}")
    assert is_direct == (route(url).proxy is None)


def test_unreadable_entries_are_skipped_with_one_warning(env: pytest.MonkeyPatch) -> None:
    set_all(
        env, "ALL_PROXY=p:1; NO_PROXY=localhost,fd00::/8,http://x/,10.0.0.0/99,[::1,a.example:port,::1,good.example"
    )
    assert unreadable() == ["http://x/", "10.0.0.0/99", "[::1", "a.example:port"]
    assert "$NO_PROXY: cannot read 'http://x/', '10.0.0.0/99'" in warning()
    assert route("https://good.example").proxy is None
    set_all(env, "NO_PROXY=localhost,fd00::/8,*.corp.example,10.0.0.0/8,[::1]:80,_x.example")
    assert warning() == ""


@pytest.mark.parametrize(
    ("says", "value"),
    [
        pytest.param("SOCKS proxies are not supported", "socks5://me:hunter22@p:1080", id="socks5"),
        pytest.param("SOCKS proxies are not supported", "socks5h://p:1080", id="socks5h"),
        pytest.param("does not begin with ftp://", "ftp://p:21", id="ftp"),
        pytest.param("is not the address of a proxy", "http://p:port", id="port"),
        pytest.param("is not the address of a proxy", "http://p:0", id="port-0"),
        pytest.param("is not the address of a proxy", "http://p:99999", id="port-too-large"),
        pytest.param("is not the address of a proxy", "http://[::1", id="bracket"),
        pytest.param("is not the address of a proxy", "http://", id="no-host"),
        pytest.param("is not the address of a proxy", "http://me:hunter22@", id="user-without-host"),
        pytest.param("is not the address of a proxy", "http://p:3128/path", id="path"),
        pytest.param("is not the address of a proxy", "p q:3128", id="space"),
    ],
)
def test_proxy_that_cannot_be_read_is_one_sentence(env: pytest.MonkeyPatch, says: str, value: str) -> None:
    set_all(env, f"https_proxy={value}")
    with pytest.raises(ProxyError, match=says) as caught:
        route(ODDS)
    assert "$https_proxy" in str(caught.value)
    assert "hunter22" not in str(caught.value)


def test_user_and_password_are_taken_apart_and_never_shown(env: pytest.MonkeyPatch) -> None:
    set_all(env, "HTTPS_PROXY=http://me%40corp:hunt%3Aer%2F22@p:3128")
    proxy = route(ODDS).proxy
    assert proxy is not None
    assert (proxy.url, proxy.user, proxy.password) == ("http://p:3128", "me@corp", "hunt:er/22")
    assert "hunt" not in f"{proxy} {proxy!r} {route(ODDS)}"


def test_header_of_a_cgi_request_is_not_a_proxy(env: pytest.MonkeyPatch) -> None:
    set_all(env, "HTTP_PROXY=http://evil:1; REQUEST_METHOD=GET")
    assert route("http://odds.example").proxy is None
