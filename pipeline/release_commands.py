"""The commands about releases: `publish`, and `releases` with list, diff, withdraw, pin, unpin.

Not here: what they do (assets/standing.py, assets/release_list.py), and the other commands (cli.py).
"""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from assets import launch, run_end
from assets.failures import UNUSABLE
from pipeline.declare import settings
from pipeline.options import HomeOption, ProfileOption, fail, user_errors

releases = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


@user_errors
def publish(
    release: Annotated[str, typer.Argument(help="Name of a held release, as `run --hold` prints it.")],
    home: HomeOption = None,
    profile: ProfileOption = "",
    make_latest: Annotated[
        bool, typer.Option("--make-latest", help="Let latest name it though it is an older edition; default: off.")
    ] = False,
) -> None:
    """Publish a release that `run --hold` made and a person looked at."""
    from assets import standing

    place = settings.home(home, settings.profile(profile))
    with launch.locked(place):
        done = standing.publish(place, release, make_latest)
    print(f"published {done.folder}", *(f"note: {said}" for said in done.notes), sep="\n")
    run_end.guarded(partial(run_end.succeeded, place, release), print)


@releases.callback()
def _releases(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="The list for programs.")] = False,
    home: HomeOption = None,
    profile: ProfileOption = "",
) -> None:
    """The releases of a home: list, diff, withdraw, pin, unpin. Without a word of these: list."""
    if context.invoked_subcommand is None:
        releases_list(as_json=as_json, home=home, profile=profile)
    elif as_json or home or profile:
        fail(UNUSABLE, f"give the options behind the word: township-index releases {context.invoked_subcommand} …")


@releases.command("list")
@user_errors
def releases_list(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    home: HomeOption = None,
    profile: ProfileOption = "",
) -> None:
    """Name, last day, state, size of every release: latest, published, held, withdrawn; and which are pinned."""
    from assets import release_list

    release_list.show(settings.home(home, settings.profile(profile)), as_json)


@releases.command("diff")
@user_errors
def releases_diff(
    before: Annotated[str, typer.Argument(help="Name of a release, or latest.")],
    after: Annotated[str, typer.Argument(help="Name of another, held or published.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs, with every township.")] = False,
    home: HomeOption = None,
    profile: ProfileOption = "",
) -> None:
    """What differs between two releases: classes of townships, national figures, records, files, rules."""
    from assets import release_list

    release_list.diff(settings.home(home, settings.profile(profile)), before, after, as_json)


@releases.command("withdraw")
@user_errors
def releases_withdraw(
    release: Annotated[str, typer.Argument(help="Name of the release, as `releases list` prints it.")],
    why: Annotated[str, typer.Option("--why", help="What is wrong with it, in a sentence that readers will see.")],
    home: HomeOption = None,
    profile: ProfileOption = "",
) -> None:
    """Withdraw a release: a page that says why takes its place, and latest goes back to the newest good one."""
    from assets import standing

    place = settings.home(home, settings.profile(profile))
    with launch.locked(place):
        done = standing.withdraw(place, release, why, datetime.now(UTC))
    print(f"withdrawn: {release}; what it held lies in {done.folder}", *(f"note: {n}" for n in done.notes), sep="\n")
    run_end.guarded(partial(run_end.withdrawn, place, release, why, done.notes), print)


@releases.command("pin")
@user_errors
def releases_pin(
    release: Annotated[str, typer.Argument(help="Name of the release.")],
    home: HomeOption = None,
    profile: ProfileOption = "",
) -> None:
    """Let `prune` keep a release for ever."""
    from assets import standing

    place = settings.home(home, settings.profile(profile))
    with launch.locked(place):
        new = standing.pin(place, release)
    print(f"pinned: {release}" if new else f"pinned before: {release}")


@releases.command("unpin")
@user_errors
def releases_unpin(
    release: Annotated[str, typer.Argument(help="Name of the release.")],
    home: HomeOption = None,
    profile: ProfileOption = "",
) -> None:
    """Take the pin of a release away."""
    from assets import standing

    place = settings.home(home, settings.profile(profile))
    with launch.locked(place):
        standing.unpin(place, release)
    print(f"no longer pinned: {release}")
