"""Settings: the environment, then ``git config buildlog.*``, then ``[tool.buildlog]``.

Git's own layers (``git -c``, the repository, the user, the system) count as one: git unites
them. What the repository has committed in ``pyproject.toml`` is the team's default. Lists of
patterns add up over the layers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from buildlog_git.core.booleans import NO
from buildlog_git.core.paths import DEFAULT_EXCLUDED
from buildlog_git.core.registry import DEFAULT, Registry
from buildlog_git.core.session import SessionSettings, session_settings
from buildlog_git.errors import UsageError

NOW_VARIABLE = "BUILDLOG_NOW"
"""Seconds since 1970 that count as the present, so that a report can be made again."""

_OF_SESSIONS = ("buildlog.session.", "buildlog.class.", "buildlog.holdout", "buildlog.explore")


class Settings(NamedTuple):
    """What a person or a team can choose."""

    registry: Registry = DEFAULT
    excluded: tuple[str, ...] = DEFAULT_EXCLUDED
    included: tuple[str, ...] = ()
    now: int | None = None
    learns: bool = True
    """Whether what draws believe is made anew behind everybody's back; see flows/beliefs.py."""
    targets: tuple[str, ...] = ()
    """For which agents rules are put where they read them; none: those that are used here."""
    similarity: str = "words"
    """Who says whether two mistakes, or rules, are the same; see flows/backends.py."""
    extraction: str = "sentences"
    """Who reads rules out of notes; see flows/backends.py."""
    user_folder: str = ""
    """What the user keeps for all repositories: ``buildlog`` below ``XDG_CONFIG_HOME``."""
    told: tuple[tuple[str, str], ...] = ()
    """What git's configuration says of sessions, in the order that it applies."""

    @property
    def sessions(self) -> SessionSettings:
        """What is chosen about sessions; a bad value fails only what asks for it.

        Raises:
            UsageError: a value cannot be used.

        """
        return session_settings(self.told)


def load_settings(
    environment: Mapping[str, str],
    git_config: Sequence[tuple[str, str]],
    committed: bytes | None,
) -> Settings:
    r"""Return the settings in force.

    Args:
        environment: the process's environment.
        git_config: (key, value) pairs of ``git config --get-regexp '^buildlog\\.'``.
        committed: the content of ``pyproject.toml``, None where there is none.

    Raises:
        UsageError: a value cannot be used; the message names its place.

    """
    team = _team_settings(committed)
    excluded = [*DEFAULT_EXCLUDED, *team.get("exclude", ())]
    included = [*team.get("include", ())]
    excluded += [value for key, value in git_config if key == "buildlog.exclude"]
    included += [value for key, value in git_config if key == "buildlog.include"]
    agents = [(key, value) for key, value in git_config if key.startswith("buildlog.agent.")]
    targets = [value for key, value in git_config if key == "buildlog.target"]
    return Settings(
        registry=DEFAULT.extended(agents) if agents else DEFAULT,
        excluded=tuple(excluded),
        included=tuple(included),
        now=chosen_present(environment),
        learns=dict(git_config).get("buildlog.learn", "").lower() not in NO,
        targets=tuple(targets or team.get("targets", ())),
        similarity=dict(git_config).get("buildlog.similarity") or "words",
        extraction=dict(git_config).get("buildlog.extraction") or "sentences",
        user_folder=_user_folder(environment),
        told=tuple(pair for pair in git_config if pair[0].startswith(_OF_SESSIONS)),
    )


def _user_folder(environment: Mapping[str, str]) -> str:
    home = environment.get("HOME", "")
    # A relative path counts as none: https://specifications.freedesktop.org/basedir-spec/
    config = environment.get("XDG_CONFIG_HOME", "")
    config = config if config.startswith("/") else f"{home}/.config" if home else ""
    return f"{config}/buildlog" if config else ""


def chosen_present(environment: Mapping[str, str]) -> int | None:
    """Return the second (since 1970) that somebody chose to be the present, None by default.

    Raises:
        UsageError: it is no number.

    """
    text = environment.get(NOW_VARIABLE)
    if not text:
        return None
    if not text.isdigit():
        raise UsageError(
            f"{NOW_VARIABLE} is not a number of seconds: {text}",
            slug="bad-setting",
            hint=f"unset it, or set it as in {NOW_VARIABLE}=$(date +%s)",
        )
    return int(text)


def _team_settings(committed: bytes | None) -> dict[str, list[str]]:
    if committed is None or b"[tool.buildlog]" not in committed:
        return {}
    import tomllib  # costs half a bare interpreter, and most repositories have no such table

    try:
        table = tomllib.loads(committed.decode()).get("tool", {}).get("buildlog", {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad_table(f"it is no valid TOML ({error})") from error
    if not isinstance(table, dict):
        raise _bad_table("it is no table")
    for key, value in table.items():
        if key not in ("exclude", "include", "targets"):
            raise _bad_table(f"it has an unknown key: {key}")
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _bad_table(f"{key} is no list of {'agents' if key == 'targets' else 'patterns'}")
    return table


def _bad_table(why: str) -> UsageError:
    return UsageError(
        f"[tool.buildlog] in pyproject.toml cannot be used: {why}",
        slug="bad-setting",
        hint='it may hold: exclude = ["pattern"], include = ["pattern"], targets = ["agent"]',
    )
