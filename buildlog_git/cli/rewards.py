"""Commands about rewards: ``rewards`` lists them, ``reward`` gives one by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from buildlog_git.cli.surroundings import Json, Ranges, Stored, revisions, surroundings
from buildlog_git.cli.teach import teach
from buildlog_git.errors import UsageError

if TYPE_CHECKING:
    from buildlog_git.core.session_events import Given

REWARDS_HELP = teach(
    "List what each of the agents' drafts is worth so far.",
    "A reward is 1 - revision distance: 1 where people kept all of a draft, 0 where they "
    "rejected it. It is provisional as soon as a person's commit, a push or 24 hours followed "
    "the draft, and settled 14 days after it has landed, or when it was reverted or dropped. "
    "What a person or a commit message says stands above what was measured.",
    {
        "rewards": "of the history of what is checked out",
        "rewards main..HEAD": "of the commits of a branch",
        "rewards --limit 10 --json": "the last ten, as data",
    },
    "See also: git buildlog reward (give one by hand), git buildlog report.",
)
REWARD_HELP = teach(
    "Say what a draft is worth, above what is measured.",
    "Accepted is worth 1, rejected 0, a revision 1 - distance, or a half where no distance is "
    "given. About the draft that --commit names, or the nearest one before that commit; without "
    "it about the last draft of the open session or of the branch, else of the session itself. "
    "Class and rules are those of the draft's session, else of the open session, unless given.",
    {
        "reward accepted": "the last draft is good as it is",
        "reward revision --distance 0.3": "three tenths had to be changed",
        "reward rejected --commit a1b2c3d --note 'wrong approach'": "any other draft",
    },
    "In a commit message the line 'Buildlog-Reward: rejected' says the same.",
)
_OUTCOMES = ("accepted", "revision", "rejected")


def rewards(
    context: typer.Context,
    ranges: Ranges = None,
    json: Json = False,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="<n>", min=0, help="List only the newest <n>."),
    ] = None,
    stored: Stored = False,
) -> None:
    """List rewards."""
    from buildlog_git.cli.words.rewards import write_rewards
    from buildlog_git.flows.rewards import make_rewards

    here = surroundings(context)
    with here.context() as repository:
        result = make_rewards(repository, revisions(ranges), stored=stored, limit=limit)
    here.show(result, write_rewards, as_json=json)


Distance = Annotated[
    float | None,
    typer.Option("--distance", metavar="<d>", help="How much was revised, from 0 to 1."),
]
Draft = Annotated[
    str | None,
    typer.Option("--commit", metavar="<commit>", help="Which draft. Default: the last one here."),
]
Class = Annotated[str | None, typer.Option("--class", metavar="<class>", help="The kind of work.")]
Rules = Annotated[
    list[str] | None,
    typer.Option("--rule", metavar="<id>", help="A rule that was on; repeatable."),
]
Note = Annotated[str, typer.Option("--note", metavar="<text>", help="A few words to keep with it.")]


def reward(
    context: typer.Context,
    outcome: Annotated[
        str, typer.Argument(metavar="<outcome>", help="accepted, revision or rejected.")
    ],
    distance: Distance = None,
    commit: Draft = None,
    error_class: Class = None,
    rule: Rules = None,
    note: Note = "",
    json: Json = False,
) -> None:
    """Give a reward."""
    from buildlog_git.cli.words.rewards import write_given
    from buildlog_git.flows.rewards import give_reward

    if outcome not in _OUTCOMES:
        raise UsageError(
            f"not an outcome: {outcome}",
            slug="bad-outcome",
            hint=f"the outcomes are {', '.join(_OUTCOMES)}",
        )
    here = surroundings(context)
    with here.context() as repository:
        result = give_reward(
            repository,
            cast("Given", outcome),
            distance=distance,
            commit=commit,
            error_class=error_class,
            rules=rule or (),
            note=note,
        )
    here.show(result, write_given, as_json=json)
