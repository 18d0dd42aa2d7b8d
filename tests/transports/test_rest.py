"""One GET over a real loopback socket: answers, refusals, redirects, sizes, and where the key goes."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Asked
from werkzeug import Response

from oddstail.lookup import Get
from oddstail.model import Failure, LinkError, Where
from oddstail.text import Secret
from oddstail.transports import Limits
from oddstail.transports.rest import Rest

KEY = Secret("k-0123456789abcdef")
LIMITS = Limits(connect=2, answer=1)


def ask(get: Get, *, most: int = 1 << 20, limits: Limits = LIMITS) -> Any:
    """The JSON of one GET, made as a run makes it."""

    async def main() -> Any:
        rest = Rest(limits, most=most)
        try:
            return await rest.get(get, KEY)
        finally:
            await rest.aclose()

    return asyncio.run(main())


def refused(get: Get, **how: Any) -> Failure:
    with pytest.raises(LinkError) as caught:
        ask(get, **how)
    assert KEY.reveal() not in caught.value.failure.text
    return caught.value.failure


@pytest.mark.parametrize("where", [Where.HEADER, Where.QUERY, None])
def test_the_key_goes_where_the_provider_wants_it_and_nowhere_else(httpserver: HTTPServer, where: Where | None) -> None:
    httpserver.expect_request("/api/sports").respond_with_json({"data": [1]})
    get = Get(url=httpserver.url_for("/api/sports"), params=(("league", "A B"),), key_in=where, key_name="X-Api-Key")
    assert ask(get) == {"data": [1]}
    [(asked, _)] = httpserver.log
    assert asked.args["league"] == "A B"
    assert (asked.headers.get("X-Api-Key") == KEY.reveal()) is (where is Where.HEADER)
    assert (asked.args.get("X-Api-Key") == KEY.reveal()) is (where is Where.QUERY)
    assert asked.headers["User-Agent"].startswith("oddstail/")


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (401, {"error": "Invalid or inactive API key"}, {}, Failure(kind="status", code=401, text="Invalid or inactive API key")),
        (400, {"error": "maximum 5 sportsbooks allowed"}, {}, Failure(kind="status", code=400, text="maximum 5 sportsbooks allowed")),
        (429, {"detail": "slow"}, {"Retry-After": "7"}, Failure(kind="status", code=429, text="slow", asked=7.0)),
        (429, {"message": "slow", "retry_after_seconds": 60}, {}, Failure(kind="status", code=429, text="slow", asked=60.0)),
        (429, {"error": "slow"}, {"X-RateLimit-Reset": "12"}, Failure(kind="status", code=429, text="slow", asked=12.0)),
        (429, {"error": "slow"}, {"X-RateLimit-Reset": "12", "Retry-After": "20"}, Failure(kind="status", code=429, text="slow", asked=20.0)),
        (503, {"message": KEY.reveal()}, {}, Failure(kind="status", code=503, text="****")),
    ],
    ids=["key", "request", "retry-after", "retry-after in the body", "window", "window and retry-after", "the key repeated"],
)  # fmt: skip
def test_a_refusal_is_a_failure(
    httpserver: HTTPServer, status: int, body: Any, headers: dict[str, str], expected: Failure
) -> None:
    httpserver.expect_request("/x").respond_with_json(body, status=status, headers=headers)
    assert refused(Get(url=httpserver.url_for("/x"), key_in=Where.HEADER, key_name="X-Api-Key")) == expected


@pytest.mark.parametrize("status", [200, 429])
def test_what_is_allowed_is_kept_of_every_answer(httpserver: HTTPServer, status: int) -> None:
    told = {"x-requests-used": "40", "x-requests-remaining": "60", "x-ratelimit-reset": "15", "ratelimit": "r=0;t=5"}
    heads = {**told, "X-Credits-Remaining": "7", "Server": "x"}
    httpserver.expect_request("/x").respond_with_json({}, status=status, headers=heads)
    rest = Rest(LIMITS)

    async def main() -> None:
        with suppress(LinkError):
            await rest.get(Get(url=httpserver.url_for("/x"), key_in=None, key_name=""), None)
        await rest.aclose()

    asyncio.run(main())
    assert rest.allowed == {**told, "x-credits-remaining": "7"}


@pytest.mark.parametrize(
    "body",
    [
        '{"message":"bad key ' + "".join(f"\\u{ord(char):04x}" for char in KEY.reveal()) + '"}',
        "<title>bad key " + "".join(f"&#{ord(char)};" for char in KEY.reveal()) + "</title>",
        '{"message":"' + "x" * 190 + KEY.reveal() + '"}',
    ],
    ids=["in JSON's escapes", "in HTML's", "where the text is cut"],
)
@pytest.mark.parametrize("status", [401, 200])
def test_a_key_that_is_repeated_in_another_spelling_is_masked(httpserver: HTTPServer, body: str, status: int) -> None:
    # A lone bracket after it: an answer of 200 is shown only where it is no JSON.
    httpserver.expect_request("/x").respond_with_data(body + "]" * (status == 200), status=status)
    text = refused(Get(url=httpserver.url_for("/x"), key_in=Where.HEADER, key_name="X-Api-Key")).text
    assert KEY.reveal()[:10] not in text
    assert status == 200 or "****" in text


def test_a_key_in_an_answer_is_not_kept(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_json({"account": {"key": KEY.reveal()}})
    assert ask(Get(url=httpserver.url_for("/x"), key_in=Where.HEADER, key_name="X-Api-Key")) == {
        "account": {"key": "****"}
    }


def test_what_is_no_json_is_shown_in_one_line(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_data("<title>Just a\nmoment</title>", content_type="text/html")
    failure = refused(Get(url=httpserver.url_for("/x")))
    assert (failure.kind, failure.text) == ("content-type", "text/html instead of JSON: Just a moment")


def test_a_redirect_to_another_host_is_refused(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_data(status=302, headers={"Location": "http://127.0.0.2:1/y"})
    failure = refused(Get(url=httpserver.url_for("/x"), key_in=Where.HEADER, key_name="X-Api-Key"))
    assert failure.kind == "redirect"
    assert "http://127.0.0.2:1: the key is not sent" in failure.text
    assert len(httpserver.log) == 1


def test_a_redirect_on_the_same_host_keeps_the_key_in_the_query(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_data(status=307, headers={"Location": "/y?page=2&monkey=x"})
    httpserver.expect_request("/y").respond_with_json([])
    assert ask(Get(url=httpserver.url_for("/x"), key_in=Where.QUERY, key_name="key")) == []
    assert httpserver.log[1][0].args.to_dict() == {"page": "2", "monkey": "x", "key": KEY.reveal()}


def test_redirects_in_a_circle_end(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_data(status=302, headers={"Location": "/x"})
    assert refused(Get(url=httpserver.url_for("/x"))).kind == "redirect"
    assert len(httpserver.log) == 6


def _plain(body: bytes) -> Response:
    return Response(body, content_type="application/json")


def _zipped(body: bytes) -> Response:
    return Response(gzip.compress(body), content_type="application/json", headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize("coded", [_plain, _zipped])
def test_an_answer_that_is_too_large_is_refused(httpserver: HTTPServer, coded: Callable[[bytes], Response]) -> None:
    bodies = iter([json.dumps("a" * 998).encode(), json.dumps("a" * 999).encode()])
    httpserver.expect_request("/x").respond_with_handler(lambda asked: coded(next(bodies)))
    get = Get(url=httpserver.url_for("/x"))
    assert ask(get, most=1000) == "a" * 998
    assert refused(get, most=1000).kind == "too-big"


@pytest.mark.parametrize(
    ("expected", "coding", "body"),
    [
        pytest.param([1, 2], "gzip", gzip.compress(b"[1,") + gzip.compress(b"2]"), id="gzip-members"),
        pytest.param([1, 2], "deflate", zlib.compress(b"[1,2]", wbits=-15), id="deflate-raw"),
        pytest.param([1, 2], "gzip, gzip", gzip.compress(gzip.compress(b"[1,2]")), id="gzip-twice"),
    ],
)
def test_packed_answer_is_read_whole(httpserver: HTTPServer, expected: Any, coding: str, body: bytes) -> None:
    httpserver.expect_request("/x").respond_with_data(body, headers={"Content-Encoding": coding})
    assert ask(Get(url=httpserver.url_for("/x"))) == expected


@pytest.mark.parametrize(
    ("says", "coding", "body"),
    [
        pytest.param("in the middle of its compressed data", "gzip", gzip.compress(b"[1,2]")[:-4], id="truncated"),
        pytest.param("after member 1", "gzip", gzip.compress(b"[1,2]") + b"junk", id="garbage-after"),
        pytest.param("content coding zstd, which was not requested", "zstd", b"\x28\xb5", id="unrequested"),
    ],
)
def test_answer_that_cannot_be_unpacked_is_a_failure(
    httpserver: HTTPServer, says: str, coding: str, body: bytes
) -> None:
    httpserver.expect_request("/x").respond_with_data(body, headers={"Content-Encoding": coding})
    failure = refused(Get(url=httpserver.url_for("/x")))
    assert failure.kind == "protocol"
    assert says in failure.text


def test_nobody_there_is_said_plainly() -> None:
    failure = refused(Get(url="http://127.0.0.1:1/x"))
    assert (failure.kind, failure.text) == ("network", "connection refused: nothing is listening there")


@contextmanager
def raw(greeting: bytes, drip: bytes = b"") -> Iterator[str]:
    """The address of a server that greets, and then says nothing more, or drips for as long as somebody listens."""

    def talk() -> None:
        conn, _ = server.accept()
        with conn, suppress(OSError):
            conn.sendall(greeting)
            while drip and not over.wait(0.02):
                conn.sendall(drip)
            over.wait(5)

    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=talk)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        over.set()
        thread.join()


def test_a_server_that_never_answers_is_not_waited_for_for_ever() -> None:
    with raw(b"") as url:
        assert refused(Get(url=url), limits=Limits(connect=1, answer=0.2)).kind == "timeout"


def test_a_body_that_drips_ends_at_the_limit_of_the_whole() -> None:
    with raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" ") as url:
        failure = refused(Get(url=url), limits=Limits(connect=0.2, answer=0.1))
    assert (failure.kind, failure.text) == ("timeout", "no whole answer within 0 s")


@pytest.mark.parametrize("drip", [b"", b"."], ids=["silent", "dribbling"])
def test_refusal_is_told_though_its_body_never_ends(drip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oddstail.transports.http.ERROR_BODY_S", 0.2)
    with raw(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 1000000\r\n\r\nno luck", drip) as url:
        failure = refused(Get(url=url), limits=Limits(connect=2, answer=5))
    assert (failure.kind, failure.code) == ("status", 401)
    assert failure.text.startswith("no luck")


def test_interim_answers_are_skipped() -> None:
    final = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue"
    with raw(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3000 + final) as url:
        assert ask(Get(url=url), limits=Limits(connect=2, answer=5)) is True


def test_retry_after_may_repeat_and_be_no_date(httpserver: HTTPServer) -> None:
    date = "Fri, 31 Dec 99999999999 23:59:59 GMT"
    answer = Response("", 503, headers=[("Retry-After", date), ("Retry-After", "9"), ("Retry-After", "60")])
    httpserver.expect_request("/x").respond_with_response(answer)
    assert refused(Get(url=httpserver.url_for("/x"))) == Failure(kind="status", code=503, asked=60.0)


def test_parameters_repeat_and_are_encoded(httpserver: HTTPServer) -> None:
    def echo(asked: Asked) -> Response:
        return Response(json.dumps(list(asked.args.items(multi=True))), content_type="application/json")

    httpserver.expect_request("/x").respond_with_handler(echo)
    get = Get(url=httpserver.url_for("/x"), params=(("b", "a+b"), ("b", "c,d")))
    assert ask(get) == [["b", "a+b"], ["b", "c,d"]]
