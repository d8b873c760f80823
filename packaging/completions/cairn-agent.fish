# SPDX-License-Identifier: Apache-2.0
# Written from the tables of the command line by its tests.
complete -c cairn-agent -f
complete -c cairn-agent -n __fish_use_subcommand -a run -d 'sample and ship until stopped'
complete -c cairn-agent -n '__fish_seen_subcommand_from run' -l batch-every -x -d 'seal a batch this often (900; environment CAIRN_AGENT_BATCH_EVERY)'
complete -c cairn-agent -n '__fish_seen_subcommand_from run' -l upload-every -x -d 'upload this often (as the collector asks; CAIRN_AGENT_UPLOAD_EVERY)'
complete -c cairn-agent -n '__fish_seen_subcommand_from run' -l for -x -d 'stop after this time; exit code 5 if something is left to send'
complete -c cairn-agent -n '__fish_seen_subcommand_from run' -l slot-s -x -d 'narrower slots, for demonstrations: a whole part of a minute (60)'
complete -c cairn-agent -n __fish_use_subcommand -a once -d 'one sample as JSON, from two readings'
complete -c cairn-agent -n '__fish_seen_subcommand_from once' -l interval-ms -x -d 'time between the two readings (1000)'
complete -c cairn-agent -n __fish_use_subcommand -a enroll -d 'join a collector with the join string in a file'
complete -c cairn-agent -n '__fish_seen_subcommand_from enroll' -l join-file -r -F -d 'file with the join string that `cairn token create` prints'
complete -c cairn-agent -n __fish_use_subcommand -a inventory -d 'the facts of this host as they would be sent'
complete -c cairn-agent -n __fish_use_subcommand -a explain -d 'every field that would be sent, and why'
complete -c cairn-agent -n __fish_use_subcommand -a status -d 'whether the agent is enrolled and well'
complete -c cairn-agent -l data -x -a '(__fish_complete_directories)' -d 'where key, identity and spool live (CAIRN_AGENT_DATA)'
complete -c cairn-agent -l root -x -a '(__fish_complete_directories)' -d 'where the host'\''s file tree hangs (/; CAIRN_AGENT_ROOT)'
complete -c cairn-agent -l json -d 'print JSON where data is printed'
complete -c cairn-agent -l help -d 'this text'
