# Made from the command tree by `make pages`: do not edit.

function __git_buildlog_at
    set -l path
    for word in (commandline -opc)[2..]
        test $word = buildlog; and continue
        string match -q -- '-*' $word; or set -a path $word
    end
    string match -q -- "$argv" "$path"; or string match -q -- "$argv *" "$path"
end

function __git_buildlog_bare
    set -l path
    for word in (commandline -opc)[2..]
        test $word = buildlog; and continue
        string match -q -- '-*' $word; or set -a path $word
    end
    test "$path" = "$argv"
end

function __git_buildlog_used
    contains -- buildlog (commandline -opc)
end

complete -c git -n '__fish_git_needs_command' -a buildlog -d ''
complete -c git -n '__git_buildlog_used; and __git_buildlog_bare' -s C -r -d 'Run as if started in <path>; given more than once, each adds to the last.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_bare' -l version -d 'Print the version and exit.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_bare' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a init -d 'Look at this repository\'s history, store facts, report.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at init' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at init' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a scan -d 'Look for what is new in history and store it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at scan' -l since -r -d 'Only drafts after this date, as for git log.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at scan' -l full -d 'Look again at drafts whose window has closed.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at scan' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at scan' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_at scan' -a "(git for-each-ref --format='%(refname:short)' 2>/dev/null)"
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a report -d 'Show how much of the agents\' work was revised.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at report' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at report' -l format -x -a "terminal markdown summary html json" -d 'How and where to write; repeatable.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at report' -l base -r -d 'Report on what HEAD, or the one commit that is named, adds to <commit>.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at report' -l by -x -a "agent class rule dir month" -d 'Group by agent, class, rule, dir or month.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at report' -l evidence -x -a "strict loose" -d 'Which marks of agents count: strict or loose. Says what the other gives.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at report' -l stored -d 'Ask the ledger alone; look nothing up in history.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at report' -l fail-over -r -d 'Exit with 1 if the mean is above <x> (0 to 1).'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at report' -l require-data -d 'Exit with 3 if fewer than 2 drafts are measured.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at report' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_at report' -a "(git for-each-ref --format='%(refname:short)' 2>/dev/null)"
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a log -d 'List commits with their agent and outcome.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at log' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at log' -l agents -d 'Leave out commits without an agent\'s mark.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at log' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_at log' -a "(git for-each-ref --format='%(refname:short)' 2>/dev/null)"
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a rewards -d 'List what each of the agents\' drafts is worth.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at rewards' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at rewards' -l limit -r -d 'List only the newest <n>.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at rewards' -l stored -d 'Ask the ledger alone; look nothing up in history.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at rewards' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_at rewards' -a "(git for-each-ref --format='%(refname:short)' 2>/dev/null)"
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a reward -d 'Say what a draft is worth, by hand.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at reward' -l distance -r -d 'How much was revised, from 0 to 1.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at reward' -l commit -r -d 'Which draft. Default: HEAD\'s.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at reward' -l class -r -d 'The kind of work.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at reward' -l rule -r -d 'A rule that was on; repeatable.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at reward' -l note -r -d 'A few words to keep with it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at reward' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at reward' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a distance -d 'Measure one commit against another.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at distance' -l as-agent -d 'Take the commit for an agent\'s, marked or not.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at distance' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at distance' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_at distance' -a "(git for-each-ref --format='%(refname:short)' 2>/dev/null)"
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a why -d 'Say who made a commit, and by which evidence.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at why' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at why' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_at why' -a "(git for-each-ref --format='%(refname:short)' 2>/dev/null)"
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a check -d 'Say whether the stored facts are sound.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at check' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at check' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a install -d 'Let git\'s hooks follow every commit here.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at install' -l dry-run -s n -d 'Only say what would be done; write nothing.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at install' -l files -d 'Use files even where git takes hooks from its config.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at install' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at install' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a uninstall -d 'Take the hooks out again.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at uninstall' -l dry-run -s n -d 'Only say what would be done; write nothing.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at uninstall' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at uninstall' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a status -d 'Say what is installed, and what waits.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at status' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at status' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a doctor -d 'Look for what is wrong with the hooks.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at doctor' -l fix -d 'Repair what is safe to repair.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at doctor' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at doctor' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a demo -d 'Build a small repository and print its report.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at demo' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at demo' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a drain -d 'Turn what hooks have queued into facts, now.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at drain' -l verbose -s v -d 'Say what was found.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at drain' -l summary -d 'At a terminal, one line about the last commit.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at drain' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at drain' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a learn -d 'Learn from the sessions now, for the next draws.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at learn' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at learn' -l quiet -s q -d 'Say nothing, and give way to other work.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at learn' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a schema -d 'Print the JSON Schema of the outputs.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at schema' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a session -d 'Start, end and look at sessions of work.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare session' -a start -d 'Start one on the branch that is checked out.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session start' -l class -r -d 'The kind of work. Default: by the branch\'s prefix.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session start' -s k -r -d 'At most so many rules.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session start' -l rule -r -d 'A rule to draw from; repeatable.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session start' -l seed -r -d 'A seed rule to draw from too; repeatable.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session start' -l force -r -d 'A rule to put on; repeatable.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session start' -l without -r -d 'A rule to take off; repeatable.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session start' -l note -r -d 'A few words to keep with it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session start' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session start' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare session' -a end -d 'End the open one.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session end' -l note -r -d 'A few words to keep with it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session end' -l entry -r -d 'A file that tells about the session.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session end' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session end' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare session' -a list -d 'List all of them.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session list' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session list' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare session' -a show -d 'Show one and what came of it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session show' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at session show' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare ' -a rules -d 'List and change the rules that agents are given.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at rules' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare rules' -a list -d 'List all of them.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at rules list' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at rules list' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare rules' -a show -d 'Show one of them.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at rules show' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at rules show' -s h -l help -d 'Show this message and exit.'
complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare rules' -a effects -d 'Show what each of them does to the distance.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at rules effects' -l json -d 'Print JSON; \'git buildlog schema\' describes it.'
complete -c git -n '__git_buildlog_used; and __git_buildlog_at rules effects' -s h -l help -d 'Show this message and exit.'
