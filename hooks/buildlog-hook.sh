#!/bin/sh
# The one body of all of buildlog-git's hooks: it writes a line into a queue and starts the drain.
#
#   sh buildlog-hook.sh post-commit [<what git gives that hook>...]
#
# A hook that was there before is run by whoever calls this, not here; for that this file may be
# sourced too, so that its names all begin with bl_ and it never calls exit. It fails at nothing
# and says nothing: git's own command is the one that counts. Plain POSIX sh, and builtins only
# until the drain starts: a process costs more than all the rest.
#
# `git buildlog install` copies it to <common git dir>/buildlog/hook and fills in these lines.
bl_version=
bl_drain=background
bl_command=git-buildlog
bl_variables=

# Most checkouts begin nothing: they end here, before the shell has read the rest. Of single files
# there is nothing to say, nor of a branch whose session is open, unless agents can still read the
# rules of another branch's; see bl_is_news for worktrees.
if [ "${1-}" = post-checkout ]; then
  bl_row=
  if [ -z "${GIT_DIR-}" ]; then { IFS= read -r bl_row <.git/HEAD; } 2>/dev/null || :; fi
  bl_row=${bl_row#ref: }
  if [ "${4-}" = 0 ] || [ -f ".git/buildlog/sessions/-/${bl_row#refs/heads/}.json" ]; then
    bl_shown=$bl_row
    if [ -f .git/buildlog/shown/- ] && [ "${4-}" != 0 ]; then
      { IFS= read -r bl_shown <.git/buildlog/shown/-; } 2>/dev/null || :
    fi
    [ "$bl_shown" != "$bl_row" ] || return 0 2>/dev/null || exit 0
  fi
fi

bl_newline='
'
bl_letters=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz
bl_digits=0123456789
# Spelt out: in some locales a range such as a-z holds more than these.

bl_hook() {
  bl_name=${1-}
  # The map of a rewrite comes by standard input, which somebody after us may want as well.
  if [ "$bl_name" = post-rewrite ]; then bl_read_stdin; fi
  bl_find || return 0
  [ -d "$bl_common/buildlog" ] || return 0
  if [ "$bl_name" = pre-push ]; then
    bl_start_sync "${2-}" "${3-}"
    return 0
  fi
  bl_is_news "$@" || return 0
  bl_line="1 $bl_name wt=$bl_wt ref=$bl_ref head=$bl_head$bl_tty"
  case $bl_name in
    post-checkout) bl_line="$bl_line old=${2-} new=${3-} flag=${4-}" ;;
    post-merge) bl_line="$bl_line squash=${2-}" ;;
    post-rewrite)
      bl_line="$bl_line cmd=${2-}"
      if bl_spool "${2-}"; then bl_line="$bl_line map=$bl_map"; fi ;;
  esac
  bl_see_variables
  # One write to a file that is open for appending: lines of two writers never mix.
  if [ -g "$bl_common/buildlog" ]; then # a repository that a group shares
    (umask 002 && printf '%s\n' "$bl_line" >>"$bl_common/buildlog/queue")
  else
    printf '%s\n' "$bl_line" >>"$bl_common/buildlog/queue"
  fi
  [ "$bl_drain" = off ] || bl_start_drain
  return 0
}

# Keep standard input in a variable: a full disk must not take it from whoever comes after us.
# In chunks, because adding to a long text costs its length.
bl_read_stdin() {
  bl_stdin=
  bl_stdin_read=1
  bl_chunk=
  bl_last=
  while IFS= read -r bl_row; do
    bl_last=$bl_row
    bl_chunk=$bl_chunk$bl_row$bl_newline
    if [ ${#bl_chunk} -gt 8000 ]; then
      bl_stdin=$bl_stdin$bl_chunk
      bl_chunk=
    fi
  done
  bl_stdin=$bl_stdin$bl_chunk$bl_row
  bl_last=${bl_row:-$bl_last}
}

# Find the git directory, the one that all worktrees share, and where HEAD is, without git.
bl_find() {
  bl_dir=${GIT_DIR:-.git}
  if [ -f "$bl_dir" ]; then # `git worktree add` runs post-checkout so, without GIT_DIR
    bl_row=
    bl_text=
    while IFS= read -r bl_row; do bl_text=$bl_text${bl_text:+$bl_newline}$bl_row; done <"$bl_dir"
    bl_dir=${bl_text#gitdir: }$bl_row
  fi
  [ -f "$bl_dir/HEAD" ] || return 1
  bl_common=$bl_dir
  bl_wt=-
  if [ -f "$bl_dir/commondir" ]; then
    IFS= read -r bl_row <"$bl_dir/commondir"
    case $bl_row in
      /*) bl_common=$bl_row ;;
      *) bl_common=$bl_dir/$bl_row ;;
    esac
    bl_wt=${bl_dir%/}
    bl_wt=${bl_wt##*/}
    case $bl_wt in *[" $bl_newline"]*) bl_wt='?' ;; esac
  fi
  bl_ref=-
  bl_head=
  IFS= read -r bl_row <"$bl_dir/HEAD"
  case $bl_row in
    "ref: "*" "*) ;;
    "ref: refs/heads/.invalid") ;; # what reftable leaves there
    "ref: "*)
      bl_ref=${bl_row#ref: }
      if [ -f "$bl_common/$bl_ref" ]; then IFS= read -r bl_head <"$bl_common/$bl_ref"; fi ;;
    *) bl_head=$bl_row ;;
  esac
  bl_is_hex "$bl_head" || bl_head=-
}

bl_is_hex() {
  case $1 in
    '' | *[!0123456789abcdef]*) return 1 ;;
  esac
}

# Whether the call is worth a line: not inside a rebase or a bisection, not for single files, not
# for a branch whose session is open anyway.
bl_is_news() {
  case $bl_name in
    post-commit | post-checkout | post-merge | post-rewrite) ;;
    *) return 1 ;;
  esac
  if [ "$bl_name ${2-}" != "post-rewrite rebase" ]; then
    [ ! -d "$bl_dir/rebase-merge" ] && [ ! -d "$bl_dir/rebase-apply" ] || return 1
  fi
  if [ "$bl_name" = post-checkout ]; then
    [ "${4-}" = 1 ] && [ ! -f "$bl_dir/BISECT_LOG" ] || return 1
    case $bl_ref in
      refs/heads/*)
        if [ -f "$bl_common/buildlog/sessions/$bl_wt/${bl_ref#refs/heads/}.json" ]; then
          bl_shown=$bl_ref
          bl_row=$bl_common/buildlog/shown/$bl_wt
          if [ -f "$bl_row" ]; then IFS= read -r bl_shown <"$bl_row"; fi
          [ "$bl_shown" != "$bl_ref" ] || return 1
        fi ;;
    esac
  fi
}

# Agents are known by variables. A value that could hold more than a word is only said to be set.
bl_see_variables() {
  for bl_row in $bl_variables; do
    case $bl_row in
      [$bl_digits]* | *[!_$bl_letters$bl_digits]*) continue ;;
    esac
    eval "bl_value=\${$bl_row-}"
    [ -n "$bl_value" ] || continue
    case $bl_value in
      *[!$bl_letters$bl_digits._:/@+=-]*) bl_value=1 ;;
    esac
    [ ${#bl_value} -le 200 ] && [ ${#bl_line} -le 3000 ] || bl_value=1
    bl_line="$bl_line env.$bl_row=$bl_value"
  done
}

# Write the map of a rewrite, and what a rebase did with each commit, to a file of its own.
bl_spool() {
  [ -n "$bl_stdin" ] || return 1
  bl_map=${bl_last#* }
  bl_map=$$-${bl_map%% *} # a process's number comes again, but not with the same new commit
  bl_file=$bl_common/buildlog/rewrites
  [ -d "$bl_file" ] || mkdir "$bl_file" || return 1
  bl_file=$bl_file/$bl_map
  printf '%s' "$bl_stdin" >"$bl_file" || return 1
  [ "$1" = rebase ] || return 0
  # A commit that was skipped is mapped to what HEAD was at, which may be where the rebase began.
  for bl_row in "$bl_dir/rebase-merge/onto" "$bl_dir/rebase-apply/onto"; do
    bl_oid=
    if [ -f "$bl_row" ]; then IFS= read -r bl_oid <"$bl_row"; fi
    if bl_is_hex "$bl_oid"; then printf 'done onto %s\n' "$bl_oid" >>"$bl_file"; fi
  done
  [ -f "$bl_dir/rebase-merge/done" ] || return 0
  while read -r bl_verb bl_oid bl_row; do
    case $bl_oid in -[cC]) bl_oid=${bl_row%% *} ;; esac
    case $bl_verb in
      pick | p | reword | r | edit | e | squash | s | fixup | f | drop | d | merge | m)
        if bl_is_hex "$bl_oid"; then printf 'done %s %s\n' "$bl_verb" "$bl_oid"; fi ;;
    esac
  done <"$bl_dir/rebase-merge/done" >>"$bl_file"
}

# Run the drain for the repository that the hook ran in. What git set for this one command (its
# index, its author, the folder it was started in) must not come along.
bl_start_drain() {
  command -v "$bl_command" >/dev/null || bl_command=git-buildlog
  command -v "$bl_command" >/dev/null || return 0
  if [ "$bl_drain" != foreground ]; then
    bl_detach bl_drain_rest
  elif [ -n "$bl_tty" ]; then
    (bl_leave_git && exec "$bl_command" drain --summary </dev/null >&3)
  else
    (bl_leave_git && exec "$bl_command" drain </dev/null >/dev/null)
  fi
}

# Where another drain has taken the line meanwhile, there is nothing left to do.
bl_drain_rest() {
  [ ! -s "$bl_common/buildlog/queue" ] || exec "$bl_command" drain
}

# Exchange facts with the remote of a push, detached in any case: the push waits for nobody. Not
# with an address that has no name, which may be a place to deploy to, nor from our own push.
bl_start_sync() {
  [ -z "${BUILDLOG_SYNCING-}" ] && [ -n "$1" ] && [ "$1" != "$2" ] || return 0
  command -v "$bl_command" >/dev/null || bl_command=git-buildlog
  command -v "$bl_command" >/dev/null || return 0
  bl_detach exec "$bl_command" hook sync "$1"
}

bl_detach() {
  {
    bl_leave_git
    # Nothing of ours keeps a terminal or a pipe open that somebody waits for.
    trap '' HUP
    sleep 0.05 # the processor is git's until its command has ended
    "$@"
  } </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
}

bl_leave_git() {
  unset GIT_INDEX_FILE GIT_PREFIX GIT_REFLOG_ACTION GIT_EDITOR \
    GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE
}

bl_stdin=
bl_tty=
if [ -t 2 ]; then
  bl_tty=' tty=1'
  { bl_hook "$@"; } 3>&2 2>/dev/null || :
else
  { bl_hook "$@"; } 2>/dev/null || :
fi
