"""The Typer application: a subcommand for each provider in the registry, of its own flags and the shared ones.

Subcommands are made when they are asked for, and help is written without Rich: importing what Rich
needs for it takes longer than everything else that `oddstail --help` does.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from oddstail import __version__, providers

if TYPE_CHECKING:
    from oddstail.cli.common import Common
    from oddstail.cli.settings import Settings
    from oddstail.model import Ask
    from oddstail.run.plan import Plan
    from oddstail.text import Secret

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
#: What is no provider, and its line in the help.
_MORE = {
    "demo": "Tail a simulated market: no key, no network. Speaks all five protocols on loopback.",
    "list": "List a provider's sports, leagues, books, markets and games.",
    "replay": "Replay a capture (a tape or records) at its original pace or faster.",
    "verify": "Check captures for missing or damaged data, and report coverage for each book and market.",
    "run": "Tail several watches or providers from the config file at once.",
    "doctor": "Diagnose problems with keys, network, clock or disk.",
    "config": "Show the configuration and where each value comes from.",
    "schema": "Print the JSON Schema of the records.",
}


COMMANDS = [*providers.TITLES, *_MORE]
#: What streams, and so heeds every flag that the config file sets for all.
STREAMS = [*providers.TITLES, *({"demo", "replay", "run"} & set(_MORE))]


def is_completing() -> bool:
    """Whether a shell asks for what a line may go on with (completions/), and nothing will run."""
    return os.environ.get("_ODDSTAIL_COMPLETE", "").startswith("complete_")


class _Quick:
    """Converts no value where a shell only wants something completed: it takes pydantic, two tenths of a second."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The flags; for a completion, which runs nothing, their values are as they were typed."""
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        if is_completing():
            for param in params:
                param.process_value = lambda ctx, value: value
        return params


class GroupedCommand(_Quick, TyperCommand):
    """A command whose help shows its flags under the headings that they were given."""

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """What it does; its examples, each on a line of its own, so that it can be copied; and what else there is."""
        after_example = False
        for paragraph in re.split(r"\n\s*\n", self.help or ""):
            text = " ".join(paragraph.split())
            is_example = text.startswith("oddstail ")
            if not (is_example and after_example):
                formatter.write_paragraph()
            with formatter.indentation():
                if is_example:
                    formatter.write(f"{'':{formatter.current_indent}}{text}\n")
                else:
                    formatter.write_text(text)
            after_example = is_example

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, then a section for each heading, in the order of their first flag; what has none comes last."""
        sections: dict[str, list[tuple[str, str]]] = {}
        arguments: list[tuple[str, str]] = []
        more: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                panel = getattr(param, "rich_help_panel", None)
                if param.param_type_name == "argument":
                    # FILES <list[str]>: how Python has them is nothing to who types them.
                    arguments.append((re.sub(r" <(str|list\[str\])>$", "", record[0]), record[1]))
                    continue
                (more if panel is None else sections.setdefault(panel, [])).append(record)
        for title, rows in (("Arguments", arguments), *sections.items(), ("More", more)):
            if not rows:
                continue
            with formatter.section(title):
                formatter.write_dl(rows)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments, over what the environment and the config file say of the flags."""
        if ctx.obj is not None:
            # A watch of `run`: what is set for it is known already.
            ctx.default_map = ctx.obj.default_map
            return super().parse_args(ctx, args)
        if ctx.resilient_parsing or {"-h", "--help"} & set(args) or self.name in _PLAIN:
            return super().parse_args(ctx, args)
        from oddstail.cli import settings
        from oddstail.config import ConfigError, load
        from oddstail.model import UsageError

        try:
            said = load(os.environ, list(providers.TITLES))
            provider = self.name if self.name in providers.TITLES else None
            found = settings.for_command(
                settings.Flags(self),
                said,
                os.environ,
                provider=provider,
                streams=self.name in STREAMS,
                # The demo is its own address, and its key is no secret.
                without={"base_url"} if self.name == "demo" else (),
            )
        except (ConfigError, UsageError) as error:
            if isinstance(error, ConfigError) and self.name == "doctor":
                # It is for such cases: it says so in its own list.
                return super().parse_args(ctx, args)
            fail(2, str(error))
        ctx.default_map, ctx.obj = found.default_map, found
        rest = super().parse_args(ctx, args)
        typed = [name for name in ctx.params if ctx.get_parameter_source(name).name == "COMMANDLINE"]
        settings.settle(ctx.params, found, typed)
        if not ctx.params.get("quiet"):
            for warning in found.warnings:
                typer.echo(f"oddstail: {warning}", err=True)
        return rest

    def invoke(self, ctx: Any) -> Any:
        """Run it; what cannot be asked for so is one sentence, and names who asked."""
        from oddstail.keys import KeyUnusableError
        from oddstail.model import UsageError

        try:
            return super().invoke(ctx)
        except UsageError as error:
            fail(2, ctx.obj.blamed(str(error)) if ctx.obj is not None else str(error))
        except KeyUnusableError as problem:
            fail(4 if problem.missing else 2, str(problem))


class Commands(_Quick, TyperGroup):
    """The subcommands, each made when it is wanted."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every subcommand, providers first."""
        return COMMANDS

    _wanted = ""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The subcommand that the arguments begin with."""
        self._wanted = args[0]
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The subcommand of that name, or None. A shell that lists them all gets their names and lines alone."""
        if cmd_name not in COMMANDS:
            return None
        if is_completing() and cmd_name != self._wanted:
            return TyperCommand(cmd_name, help=_MORE.get(cmd_name) or providers.SUMMARIES[cmd_name])
        return made(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Their lines, without making any."""
        with formatter.section("Providers"):
            formatter.write_dl([(name, providers.SUMMARIES[name]) for name in providers.TITLES])
        with formatter.section("More"):
            formatter.write_dl(list(_MORE.items()))


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=_SETTINGS,
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"oddstail {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Tail live sports odds: a table on a terminal, NDJSON in a pipe.

    Start with `oddstail demo`: it needs no key and no network.
    """


#: What no flag of the config file is for.
_PLAIN = {"schema", "config"}


def fail(code: int, text: str) -> NoReturn:
    """One sentence on stderr, and out."""
    from oddstail.text import Redactor, visible

    typer.echo(f"oddstail: {visible(Redactor([]).text(text))}", err=True)
    raise typer.Exit(code)


def made(name: str) -> Any:
    """The subcommand of that name."""
    if name == "schema":
        function: Callable[..., None] = _schema
    elif name == "run":
        from oddstail.cli.running import command as running

        function = running()
    elif name == "doctor":
        from oddstail.cli.doctoring import command as function
    elif name == "config":
        from oddstail.cli.configuring import command as function
    elif name == "list":
        from oddstail.cli.listing import command as function
    elif name == "replay":
        from oddstail.cli.replay import command as replay

        function = replay()
    elif name == "verify":
        from oddstail.cli.verify import command as function
    elif name == "demo":
        from oddstail.cli.demo import command

        function = command()
    else:
        function = _provider(name)
    return _command(name, function)


def _command(name: str, function: Callable[..., Any]) -> Any:
    made = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    made.command(name, cls=GroupedCommand, context_settings=_SETTINGS)(function)
    return typer.main.get_command(made)


def parsed(name: str, settings: Settings, typed: Sequence[str] = ()) -> tuple[dict[str, Any], Common]:
    """A provider's own flags and the shared ones as a watch has them, its aliases written out."""
    command = _command(name, _provider(name, lambda own, common: (own, common)))
    with command.make_context(name, list(typed), obj=settings) as context:
        found: tuple[dict[str, Any], Common] = command.invoke(context)
        return found


def _provider(name: str, take: Callable[[dict[str, Any], Common], Any] | None = None) -> Callable[..., Any]:
    from oddstail.cli.common import Common, options, with_common
    from oddstail.cli.completing import offer

    ask = providers.command(name)

    def launch(**given: Any) -> Any:
        # Help and completion come without these.
        from oddstail.cli.naming import asked
        from oddstail.cli.settings import aliased
        from oddstail.config import load

        common = options(Common, given)
        own = {key: value for key, value in given.items() if key not in Common.__dataclass_fields__}
        own = aliased(own, load(os.environ, list(providers.TITLES)), name)
        if take is not None:
            return take(own, common)
        return stream(name, lambda: asked(name, ask, own, common), common)

    sends_none = providers.catalogue(name).hydration is not None
    made = with_common(ask, launch, without=frozenset() if sends_none else frozenset({"snapshot"}))
    offer(made, name)
    return made


def _schema() -> None:
    """Print the JSON Schema of the records.

    oddstail schema > record.schema.json
    """
    import json

    from oddstail.schema import schema

    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")


def stream(
    name: str,
    ask: Callable[[], Ask],
    common: Common,
    *,
    secret: Secret | None = None,
    within: AbstractAsyncContextManager[object] | None = None,
    banner: str = "",
) -> NoReturn:
    """Plan and run one provider. Leaves with the run's exit code; UsageError and KeyUnusableError are the caller's."""
    from oddstail.cli.planning import leg, plan

    only, notes = leg(name, ask(), common, secret=secret)
    leave(plan([only], common, notes, banner=banner), common, within)


def leave(built: Plan, common: Common, within: AbstractAsyncContextManager[object] | None = None) -> NoReturn:
    """Run a plan, or only show it. Leaves with the exit code."""
    if common.dry_run:
        from oddstail.cli.planning import dry_run

        for note in built.notes:
            typer.echo(f"oddstail: {note}", err=True)
        typer.echo(dry_run(built))
        raise typer.Exit(built.code)
    from oddstail.cli.execute import execute

    raise typer.Exit(execute(built, within=within, verbose=common.verbose))
