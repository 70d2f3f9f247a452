"""``carry``: what CI calls after a forge has squashed a branch."""

from __future__ import annotations

from typing import Annotated

import typer

from buildlog_git.cli.surroundings import DryRun, Json, revisions, surroundings
from buildlog_git.cli.teach import teach

CARRY_HELP = teach(
    "Carry the drafts of a branch over to the commit that it was squashed into.",
    "For CI, after a squash merge on a forge: nothing local ran then, and the message need not "
    "name the branch's commits. The branch's head must be here (git fetch origin "
    "refs/pull/7/head); the target need not be on a branch of this clone. Writes what a scan "
    "writes after a local merge --squash; run twice, it writes nothing more. Share it with git "
    "buildlog sync.",
    {
        "carry main~1..FETCH_HEAD main": "the last squash on main, of the branch just fetched",
        "carry $BASE..$HEAD $MERGED": "in CI, from the ids that the forge gives",
    },
    "See also: git buildlog check --repair (rewrites of which nobody kept the ids).",
)


def carry(
    context: typer.Context,
    branch: Annotated[
        str, typer.Argument(metavar="<base>..<head>", help="The branch, as a range.")
    ],
    target: Annotated[
        str, typer.Argument(metavar="<target>", help="The commit that it was squashed into.")
    ],
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Carry drafts over."""
    from buildlog_git.cli.words.carry import write_carried
    from buildlog_git.flows.carry import carry as bring

    here = surroundings(context)
    branch, target = revisions([branch, target])
    with here.context() as repository:
        done = bring(repository, branch, target, dry_run=dry_run)
    here.show(done, write_carried, as_json=json)
