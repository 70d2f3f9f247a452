"""Who runs our hooks here. Several at once do no harm: a fact that is found twice is one fact."""

from __future__ import annotations

from buildlog_git.core.hooks import CONFIG_HOOKS, HOOKS, MARK, config_name
from buildlog_git.flows.uninstall import local_hooks
from buildlog_git.gitio.hooksdir import git_version, hooks_dir
from buildlog_git.gitio.installed import aside, made_by, read_file
from buildlog_git.gitio.repo import Repo


def active_dispatchers(repo: Repo) -> tuple[str, ...]:
    """Return which of ``config``, ``files`` and ``pre-commit`` run us when git runs its hooks."""
    if repo.bare:
        return ()
    folder = hooks_dir(repo).path
    present = [read_file(folder / hook.event) or b"" for hook in HOOKS]
    kept = [read_file(aside(folder) / hook.event) or b"" for hook in HOOKS]
    found = []
    settings = local_hooks(repo)
    if any(f"{config_name(hook.event)}.command" in settings for hook in HOOKS) and (
        git_version(repo.git) >= CONFIG_HOOKS
    ):
        found.append("config")
    if any(MARK.encode() in content for content in present):
        found.append("files")
    told = read_file(repo.top / ".pre-commit-config.yaml") or b""
    others = [content for content in (*present, *kept) if MARK.encode() not in content]
    if b"buildlog-post-" in told and any(made_by(content) == "pre-commit" for content in others):
        found.append("pre-commit")
    return tuple(found)
