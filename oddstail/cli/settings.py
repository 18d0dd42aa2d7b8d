"""What the environment and the config file say of a command's flags: typed ones win, the environment over the file.

A flag is called in the file as on the command line (`max-silence = "30s"`, `live = true`, `no-validate = true`), in the
environment `ODDSTAIL_MAX_SILENCE`. Where each value came from is kept, for `oddstail config show` and for mistakes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from oddstail import config
from oddstail.model import UsageError
from oddstail.text import MASK, fold

#: What is for one command line and never for all: a file cannot ask for it.
_NEVER = {"help", "dry-run", "key-file", "version", "install-completion", "show-completion"}
#: Flags of files: without a file to write they say nothing, and a default must not break a run that writes none.
_OF_FILES = ("append", "rotate", "split", "compress", "keep", "on_rotate", "fsync", "min_free")
#: What a command that streams nothing takes of `[defaults]`.
_REACH = {"ca-bundle", "connect-timeout", "tz"}
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One flag that was set: for which parameter, to what, by whom (`[defaults]`, `$ODDSTAIL_THEME`)."""

    flag: str
    param: str
    value: Any
    where: str


@dataclass(slots=True)
class Settings:
    """What was set for one command, by parameter, and what was said that nobody understands."""

    given: dict[str, Given] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def default_map(self) -> dict[str, Any]:
        """As the command-line library wants it."""
        return {name: one.value for name, one in self.given.items()}

    def blamed(self, text: str) -> str:
        """A sentence about a flag, with who set it if that was not the command line."""
        flag = text.removeprefix("--").split()[0].rstrip(":") if text.startswith("--") else ""
        for one in self.given.values():
            if one.flag == flag:
                return f"{text} (set by {one.where})"
        return text


class Flags:
    """The flags of one command by the names that they have on the command line."""

    def __init__(self, command: Any) -> None:
        self._command = command
        params = command.params
        self._params: dict[str, tuple[Any, bool]] = {}
        for param in params:
            for opts, on in ((param.opts, True), (param.secondary_opts, False)):
                for opt in opts:
                    if opt.startswith("--") and opt[2:] not in _NEVER:
                        self._params[opt[2:]] = (param, on)

    def __contains__(self, flag: object) -> bool:
        return flag in self._params

    def __iter__(self) -> Any:
        return iter(self._params)

    def given(self, flag: str, value: Any, where: str) -> Given:
        """A flag as something set it. UsageError for a value that it cannot have."""
        param, on = self._params[flag]
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and "\0" in one:
                raise UsageError(f"--{flag} contains a NUL character; remove it (set by {where})")
        if flag == "json" and "output" in self._params and _truth(value, flag, where):
            # Else a `-o table` on the command line would contradict a default.
            return Given(flag="output", param="output", value="json", where=where)
        if getattr(param, "is_flag", False) and not getattr(param, "count", False):
            return Given(flag=flag, param=param.name, value=_truth(value, flag, where) is on, where=where)
        typed = _typed(param, value, flag, where)
        self._try(param, typed, where)
        return Given(flag=flag, param=param.name, value=typed, where=where)

    def _try(self, param: Any, value: Any, where: str) -> None:
        """Read a value as the command line would, only to hear what is wrong with it."""
        from oddstail.cli import mistakes

        context = self._command.make_context(self._command.name, [], resilient_parsing=True)
        try:
            param.process_value(context, value)
        except Exception as error:
            if not mistakes.is_usage(error):
                raise
            raise UsageError(f"{mistakes.what(error)} (set by {where})") from None


def for_command(
    flags: Flags,
    said: config.Config,
    env: Mapping[str, str],
    *,
    provider: str | None = None,
    watch: str | None = None,
    streams: bool = True,
    without: Collection[str] = (),
) -> Settings:
    """What is set for a command: `[defaults]`, then its provider's table, then a watch, then the environment."""
    out = Settings(warnings=[_strange(where, name, said) for where, name in said.strange])
    layers: list[tuple[str, Mapping[str, Any]]] = [("[defaults]", said.defaults)]
    if provider is not None:
        layers.append((f"[{provider}]", said.providers.get(provider, {})))
    if watch is not None:
        own = {name: value for name, value in said.watches[watch].items() if name != "provider"}
        layers.append((f"[watch.{watch}]", own))
    for where, table in layers:
        for flag, value in table.items():
            if flag in flags and (streams or flag in _REACH):
                one = flags.given(flag, value, f"{said.path} {where}")
                out.given[one.param] = one
            elif where != "[defaults]":
                out.warnings.append(_unknown(said, where, flag, flags))
            elif flag not in everything():
                out.warnings.append(_unknown(said, where, flag, everything()))
    for flag in flags if streams else _REACH & set(flags):
        variable = f"ODDSTAIL_{flag.replace('-', '_').upper()}"
        if env.get(variable, "").strip():
            one = flags.given(flag, env[variable].strip(), f"${variable}")
            out.given[one.param] = one
    for param in without:
        out.given.pop(param, None)
    return out


def way(provider: str, said: config.Config, env: Mapping[str, str]) -> dict[str, str]:
    """How a provider is reached, by parameter, as its streams would be: another address, other certificates."""
    out = {}
    for flag in ("base-url", "ca-bundle"):
        name = flag.replace("-", "_")
        set_so = env.get(f"ODDSTAIL_{name.upper()}", "").strip() or said.providers.get(provider, {}).get(flag)
        if value := set_so or said.defaults.get(flag):
            out[name] = str(value)
    return out


def settle(params: dict[str, Any], settings: Settings, typed: Iterable[str]) -> None:
    """What was set for all runs gives way where this one makes it senseless. `typed` are the command line's flags."""
    typed = set(typed)
    for name in typed:
        settings.given.pop(name, None)
    if "json" in typed and params.get("json") and "output" in settings.given:
        params["output"] = "auto"
    if params.get("write") is None and params.get("tape") is None:
        for name in _OF_FILES:
            if name in settings.given:
                params[name] = None
    if not params.get("alert"):
        for name in ("exec", "webhook"):
            if name in settings.given:
                params[name] = None


def everything() -> list[str]:
    """Every flag of every command that streams: what `[defaults]` may name."""
    from oddstail.cli.app import STREAMS, made

    return sorted({flag for name in STREAMS for flag in Flags(made(name))})


def aliased(own: Mapping[str, Any], said: config.Config, provider: str) -> dict[str, Any]:
    """A provider's flags with the user's own short names written out, one name for several values if need be."""
    short = {fold(alias): means for alias, means in said.aliases.get(provider, {}).items()}
    if not short:
        return dict(own)
    out = dict(own)
    for flag, value in own.items():
        if isinstance(value, list) and flag != "game":
            words = [word for item in value for word in item.split(",")]
            out[flag] = [full for word in words for full in short.get(fold(word.strip()), (word,))]
    return out


def _typed(param: Any, value: Any, flag: str, where: str) -> Any:
    if getattr(param, "multiple", False):
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str | int | float) and not isinstance(one, bool) for one in values):
            raise UsageError(f"--{flag} takes names; {_shown(flag, value)} is not one (set by {where})")
        return [str(one) for one in values]
    if isinstance(value, bool | list | dict):
        raise UsageError(f"--{flag} takes one value; {_shown(flag, value)} is not one (set by {where})")
    return str(value)


def is_secret(flag: str) -> bool:
    """Whether a flag's value is shown nowhere: the address of a webhook is all that keeps others out."""
    return flag == "webhook"


def _shown(flag: str, value: Any) -> str:
    return MASK if is_secret(flag) else repr(value)


def _truth(value: Any, flag: str, where: str) -> bool:
    word = str(value).casefold()
    if word not in _TRUE | _FALSE:
        raise UsageError(f"--{flag} must be true or false, not {value!r} (set by {where})")
    return word in _TRUE


def _unknown(said: config.Config, where: str, flag: str, flags: Iterable[str]) -> str:
    hint = _nearest(flag, list(flags))
    return f"{said.path} {where} {flag} is not an option and is ignored{hint}"


def _strange(where: str, name: str, said: config.Config) -> str:
    if where:
        return f"{said.path} [{where}] {name} is ignored: a key belongs in its provider's table"
    from oddstail import providers

    hint = _nearest(name, [config.DEFAULTS, config.WATCH, *providers.TITLES])
    return f"{said.path} [{name}] is not a known table and is ignored{hint}"


def _nearest(name: str, names: Sequence[str]) -> str:
    close = get_close_matches(name, names, 1, 0.6)
    return f" (did you mean {close[0]}?)" if close else ""
