"""The Typer application: a subcommand for each provider in the registry, of its own flags and the shared ones."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, get_type_hints

import typer

from oddstail import __version__, providers
from oddstail.cli.common import Common, dry_run, options, plan
from oddstail.model import Ask, UsageError

if TYPE_CHECKING:
    from oddstail.text import Secret

app = typer.Typer(
    name="oddstail",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
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

    Start with [bold]oddstail demo[/bold]: it needs no key and no network.
    """


def fail(code: int, text: str) -> NoReturn:
    """One sentence on stderr, and out."""
    typer.echo(f"oddstail: {text}", err=True)
    raise typer.Exit(code)


def with_common(own: Callable[..., Any], launch: Callable[..., None], kind: type[Any] = Common) -> Callable[..., None]:
    """`launch`, with the flags of `own` and those of the dataclass `kind` as its signature: Typer reads just that."""
    hints = get_type_hints(kind, include_extras=True)
    mine = list(inspect.signature(own, eval_str=True).parameters.values())
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[name])
        for name, field in kind.__dataclass_fields__.items()
    ]
    parameters = [*(item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in mine), *shared]
    launch.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    launch.__annotations__ = {item.name: item.annotation for item in parameters}
    launch.__doc__ = own.__doc__
    return launch


def _subcommand(name: str) -> None:
    ask = providers.command(name)
    own = set(inspect.signature(ask).parameters)

    def launch(**given: Any) -> None:
        common = options(Common, given)
        stream(name, lambda: ask(**{key: given[key] for key in own}), common)

    app.command(name, rich_help_panel="Providers")(with_common(ask, launch))


def stream(
    name: str,
    ask: Callable[[], Ask],
    common: Common,
    *,
    secret: Secret | None = None,
    within: AbstractAsyncContextManager[object] | None = None,
) -> NoReturn:
    """Plan and run one provider. Leaves with the run's exit code."""
    from oddstail.keys import KeyUnusableError

    try:
        built = plan(name, ask(), common, secret=secret)
    except UsageError as error:
        fail(2, str(error))
    except KeyUnusableError as problem:
        fail(4 if problem.missing else 2, str(problem))
    if common.dry_run:
        typer.echo(dry_run(built))
        raise typer.Exit
    from oddstail.cli.execute import execute

    raise typer.Exit(execute(built, within=within, verbose=common.verbose))


@app.command(rich_help_panel="More")
def schema() -> None:
    """Print the JSON Schema of the records."""
    import json

    from oddstail.schema import schema as made

    sys.stdout.write(json.dumps(made(), indent=2) + "\n")


for _name in providers.TITLES:
    _subcommand(_name)

from oddstail.cli import demo as _demo  # noqa: E402 - it registers itself on the app made above

_demo.register(app)
