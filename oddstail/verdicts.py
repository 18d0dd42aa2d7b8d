"""What a stream does about a failure, given what it has been through in this run. No I/O and no sleep.

`retry` has the rules; this is the memory that they judge by: the failures in a row, whether the request has streamed,
whether its resume cursor can be trusted. It names no provider. Times are seconds by a clock that never jumps.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from oddstail import retry
from oddstail.clock import Clock
from oddstail.model import Event, Failure, Lost, Notice, Provider, Request, Retrying, Rule
from oddstail.reader import Life, Reader
from oddstail.text import visible
from oddstail.words import describe

#: Kinds of failure that speak of the request, and may be about its cursor.
_REFUSALS = frozenset({"status", "content-type", "ws-close", "refused", "cursor"})
#: Statuses that speak of the key, the plan or the pace, or of a gateway that reached nobody.
_OF_OTHERS = frozenset((401, 402, 403, 407, 408, 409, 425, 429, 451, 502, 503, 504, *range(520, 531), 598, 599))
#: So many connections in a row that named the same cursor and brought nothing: the server may choke on the cursor.
_FRUITLESS = 5


@dataclass(slots=True)
class FailureHistory:
    """The failures in a row. `streamed`: this very request has streamed in this run, so a refusal may be an outage."""

    streak: int = 0
    streamed: bool = False
    _alike: int = 0
    _name: int | str = ""
    _refused_at: float | None = None

    def add(self, name: int | str, rule: Rule, now: float) -> None:
        """One more failure, under this rule."""
        self.streak += 1
        self._alike = self._alike + 1 if self._name == name else 1
        self._name = name
        if rule.tries is None:
            self._refused_at = None
        elif self._refused_at is None:
            self._refused_at = now

    def link_ended(self, rule: Rule, *, brought: bool, stable: bool) -> None:
        """A connection that was acknowledged has ended. `brought`: it brought data; `stable`: it lived long enough.

        One whose only message was a refusal has not streamed, whatever greeting came first.
        """
        if brought or stable or rule.tries is None:
            self.streamed = True
        if brought or stable:
            self._refused_at = None
        if stable:
            self.streak, self._alike, self._name = 0, 0, ""

    def at(self, now: float, down: float) -> retry.History:
        """The same, for the rules."""
        refused = 0.0 if self._refused_at is None else now - self._refused_at
        return retry.History(streak=self.streak, alike=self._alike, streamed=self.streamed, down=down, refused=refused)


@dataclass(slots=True)
class CursorTrial:
    """Whether a stream still names its cursor when it asks. A refused one is left out from the next try on."""

    #: Whether the latest request named one, and whether the next is to name none.
    carried: bool = False
    refused: bool = False
    _fruitless: int = 0

    def request(self, provider: Provider, request: Request, cursor: str | None) -> Request:
        """The request to make, with this cursor if there is one and the provider takes any."""
        if provider.resume is None:
            return request
        bare = provider.resume(request, None)
        if self.refused:
            request = bare
        elif cursor is not None:
            request = provider.resume(request, cursor)
        self.carried = request != bare
        return request

    def failed(self, failure: Failure, rule: Rule) -> bool:
        """A connection that brought nothing has ended. Returns whether its cursor is refused, and the next has none."""
        name = failure.code if failure.kind == "status" else failure.kind
        if not self.carried or failure.page or name in _OF_OTHERS or failure.kind not in (*_REFUSALS, "closed"):
            return False
        if rule.exit == retry.OK:
            return False
        self._fruitless += 1
        if (failure.kind in _REFUSALS and rule.tries is not None) or self._fruitless >= _FRUITLESS:
            self.refused, self._fruitless = True, 0
        return self.refused

    def accepted(self) -> None:
        """A connection worked: what it named is good."""
        self._fruitless = 0


@dataclass(slots=True, kw_only=True)
class Verdicts:
    """The verdict on each failure of one stream. `exit` is set once there is nothing more to try, else `wait`."""

    provider: Provider
    policy: retry.Policy
    reader: Reader
    clock: Clock
    #: What is asked for: less than at first once the provider has said that some of it is over.
    request: Request
    exit: int | None = None
    wait: float = 0.0
    #: How the latest connection failed, or why there was none, for people.
    failed: str = ""
    #: Whether all that it asks for had ended before it was ever connected.
    over: bool = False
    history: FailureHistory = field(default_factory=FailureHistory)
    trial: CursorTrial = field(default_factory=CursorTrial)

    def next_request(self) -> tuple[Request, bool]:
        """The request to make now, and whether it resumes after the cursor."""
        cursor = self.reader.cursor if self.reader.within_window(self.clock.steady()) else None
        request = self.trial.request(self.provider, self.request, cursor)
        return request, self.trial.carried and cursor is not None

    def opened(self) -> None:
        """The provider takes the request. A cursor that it refused before is of no use any more."""
        if self.trial.refused and self.provider.resume is not None:
            self.trial.refused, self.reader.cursor = False, None
            self.request = self.provider.resume(self.request, None)

    def after(self, failure: Failure, asked: float) -> list[Event]:
        """What to say of a failure. `asked` is the wait that the stream asked for."""
        now = self.clock.steady()
        life = self.reader.lost(failure.kind)
        name, rule = retry.rule_for(failure, self.provider.rules)
        was_open = life is not None and life.ready
        if life is not None and was_open:
            self._ended(life, rule, now)
        self.history.add(name, rule, now)
        detail = self.failed = describe(failure)
        revised = None if failure.kind == "bug" else self._revised(failure)
        if revised is not None and self.exit is None:
            self.wait = self.provider.floor
            return [revised]
        notices: list[Event] = [] if revised is None else [revised]
        if self.exit is None and not (life is not None and life.brought) and self._is_cursor_refused(failure, rule):
            self.wait = self.provider.floor
            text = f"{self.request.label}: {detail}; asking again without the place to resume after"
            notices.append(Notice(code="cursor", text=text))
        elif self.exit is None:
            self._judge(failure, rule, asked)
        if revised is None and self.exit is not None:
            notices.append(self._final(detail, rule))
        streak = self.history.streak
        if was_open:
            wait = None if self.exit is not None else self.wait
            return [Lost(cause=failure.kind, detail=detail, retry_in=wait, attempt=streak), *notices]
        return notices or [Retrying(detail=detail, wait=self.wait, attempt=streak)]

    def _ended(self, life: Life, rule: Rule, now: float) -> None:
        stable = now - life.since >= self.policy.stable_after
        self.history.link_ended(rule, brought=life.brought, stable=stable)
        if life.brought or stable:
            self.trial.accepted()

    def _is_cursor_refused(self, failure: Failure, rule: Rule) -> bool:
        return not self.trial.refused and self.trial.failed(failure, rule)

    def _judge(self, failure: Failure, rule: Rule, asked: float) -> None:
        now = self.clock.steady()
        verdict = retry.after(
            failure,
            self.history.at(now, now - self.reader.heard_steady),
            self.policy,
            rule=rule,
            floor=self.provider.floor,
            asked=asked,
            jitter=self.clock.jitter(),
        )
        self.exit, self.wait = verdict.exit, verdict.wait or 0.0

    def _revised(self, failure: Failure) -> Notice | None:
        """Ask the provider what of a refused request is still worth asking."""
        if self.provider.revise is None:
            return None
        request = self.provider.revise(self.request, failure)
        if request is self.request:
            return None
        if request is None:
            self.over = not self.reader.worked
            self.exit = retry.REFUSED if self.over else retry.OK
            return Notice(code="ended", text=f"{self.request.label} has ended", level="info")
        before, self.request = self.request.label, request
        return Notice(code="ended", text=f"{before}: going on with {request.label}", level="info")

    def _final(self, detail: str, rule: Rule) -> Notice:
        say = f"; {rule.say}" if rule.say else ""
        if self.exit in (retry.KEY, retry.PLAN, retry.REFUSED) and self.request.refusal:
            say += f"; {self.request.refusal}"
        if self.exit == retry.OK:
            return Notice(code="ended", text=f"{self.request.label}: {detail}{say}", level="info")
        streak = self.history.streak
        borne = f" ({streak} tries)" if streak > 1 and self.exit != retry.BUG else ""
        text = f"{self.provider.title}: {detail.rstrip('.')}{say}{borne}"
        return Notice(code="gave-up", text=text, level="error", value=self.exit)


def bug(error: Exception) -> Failure:
    """An exception that nobody expected as the failure of the connection that it came from."""
    return Failure(kind="bug", text=f"a bug in oddstail: {type(error).__name__}: {visible(str(error), 200)}")
