#!/bin/sh
# What the action does on a forge's machine, step by step; see docs/ci.md.
#
#   buildlog-ci.sh fetch     history, the pull request's commits and the facts of the team
#   buildlog-ci.sh report    the report: job summary, comment, HTML, JSON
#   buildlog-ci.sh comment   put the comment on the pull request, or renew the one that is there
#   buildlog-ci.sh share     store what is new, carry a squash merge's drafts over, push the facts
#
# What a pull request brings is data: its commits are fetched and read, never checked out and
# never run. Names from the event reach commands as arguments only, after options have ended.
set -eu

remote=${BUILDLOG_REMOTE:-origin}
out=${BUILDLOG_OUT:-${RUNNER_TEMP:-/tmp}/buildlog}
marker='<!-- git-buildlog-report -->'
: "${GIT_AUTHOR_NAME:=git-buildlog}" "${GIT_AUTHOR_EMAIL:=git-buildlog@localhost}"
: "${GIT_COMMITTER_NAME:=$GIT_AUTHOR_NAME}" "${GIT_COMMITTER_EMAIL:=$GIT_AUTHOR_EMAIL}"
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL

die() {
    printf 'buildlog-ci: %s\n' "$1" >&2
    exit 1
}

# field a.b: a value of the event, nothing where there is none.
field() {
    python3 -c '
import json, sys
value = json.load(open(sys.argv[1], encoding="utf-8"))
for name in sys.argv[2].split("."):
    value = value.get(name) if isinstance(value, dict) else None
print("" if value is None else str(value).lower() if isinstance(value, bool) else value)
' "$GITHUB_EVENT_PATH" "$1"
}

# number: of the pull request, nothing where the event is about none.
number() {
    found=$(field pull_request.number)
    if [ -z "$found" ] && [ -n "${BUILDLOG_NUMBER_FILE:-}" ]; then
        found=$(head -c 20 "$BUILDLOG_NUMBER_FILE")
    fi
    case $found in
    *[!0-9]*) die "not the number of a pull request: it holds other signs than digits" ;;
    esac
    printf '%s' "$found"
}

base_branch() {
    found=$(field pull_request.base.ref)
    printf '%s' "${found:-$(field repository.default_branch)}"
}

is_merged() {
    [ "$(field action)" = closed ] && [ "$(field pull_request.merged)" = true ]
}

do_fetch() {
    if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
        git fetch --quiet --no-tags --unshallow "$remote"
    fi
    base=$(base_branch)
    if [ -n "$base" ]; then
        git fetch --quiet --no-tags "$remote" "+refs/heads/$base:refs/remotes/$remote/$base"
    fi
    pull=$(number)
    if [ -n "$pull" ]; then
        git fetch --quiet --no-tags "$remote" \
            "+refs/pull/$pull/head:refs/remotes/pull/$pull/head"
        checked=$(field workflow_run.head_sha)
        if [ -n "$checked" ] && [ "$checked" != "$(git rev-parse "refs/remotes/pull/$pull/head")" ]; then
            die "pull request $pull is not the one that started this, or it has gone on since"
        fi
    fi
    git buildlog sync --no-push "$remote"
}

do_report() {
    mkdir -p "$out"
    pull=$(number)
    set -- --format "summary:$out/summary.md" --format "markdown:$out/comment.md" \
        --format "html:$out/report.html" --format "json:$out/report.json" --format terminal
    if [ -n "$pull" ]; then
        printf '%s\n' "$pull" >"$out/number"
        set -- "$@" --base "refs/remotes/$remote/$(base_branch)" "refs/remotes/pull/$pull/head"
    fi
    [ -z "${BUILDLOG_EVIDENCE:-}" ] || set -- --evidence "$BUILDLOG_EVIDENCE" "$@"
    [ -z "${BUILDLOG_FAIL_OVER:-}" ] || set -- --fail-over "$BUILDLOG_FAIL_OVER" "$@"
    [ "${BUILDLOG_REQUIRE_DATA:-false}" != true ] || set -- --require-data "$@"
    code=0
    git buildlog report "$@" || code=$?
    # A check that failed has written everything all the same: people want to see why.
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$out/summary.md" ]; then
        cat "$out/summary.md" >>"$GITHUB_STEP_SUMMARY"
    fi
    return "$code"
}

do_comment() {
    pull=$(number)
    [ -n "$pull" ] || return 0
    [ -s "$out/comment.md" ] || die "there is no report to show: $out/comment.md"
    where="repos/$GITHUB_REPOSITORY/issues"
    old=$(gh api --paginate "$where/$pull/comments" --jq \
        ".[] | select(.user.type == \"Bot\") | select(.body | startswith(\"$marker\")) | .id" |
        head -n 1)
    if [ -n "$old" ]; then
        gh api --silent --method PATCH "$where/comments/$old" -F "body=@$out/comment.md"
    else
        gh api --silent --method POST "$where/$pull/comments" -F "body=@$out/comment.md"
    fi
}

do_share() {
    if [ -n "$(number)" ] && ! is_merged; then
        printf 'buildlog-ci: nothing is stored for a pull request that is not merged\n' >&2
        return 0
    fi
    git buildlog scan
    if is_merged; then
        head=refs/remotes/pull/$(number)/head
        target=$(field pull_request.merge_commit_sha)
        base=$(git merge-base "$head" "$(field pull_request.base.sha)")
        git buildlog carry "$base..$head" "$target"
    fi
    git buildlog sync "$remote"
}

case ${1:-} in
fetch | report | comment | share) "do_$1" ;;
*) die "usage: buildlog-ci.sh fetch|report|comment|share" ;;
esac
