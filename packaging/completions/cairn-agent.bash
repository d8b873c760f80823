# SPDX-License-Identifier: Apache-2.0
# Written from the tables of the command line by its tests.
_cairn_agent() {
    local word=${COMP_WORDS[COMP_CWORD]} words
    case ${COMP_WORDS[COMP_CWORD - 1]} in
        --join-file | --out) mapfile -t COMPREPLY < <(compgen -f -- "$word") && return ;;
        --data | --root) mapfile -t COMPREPLY < <(compgen -d -- "$word") && return ;;
    esac
    case ${COMP_WORDS[1]} in
        run) words='--batch-every --upload-every --for --slot-s --data --root --json --help' ;;
        collect) words='--duration --batch-every --slot-s --out --data --root --json --help' ;;
        once) words='--interval-ms --data --root --json --help' ;;
        enroll) words='--join-file --unless-enrolled --data --root --json --help' ;;
        inventory) words='--privileged --data --root --json --help' ;;
        explain) words='--data --root --json --help' ;;
        status) words='--data --root --json --help' ;;
        change-pack) words='--out --data --root --json --help' ;;
        uninstall) words='--purge --data --root --json --help' ;;
        *) words='run collect once enroll inventory explain status change-pack uninstall --help' ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o filenames -F _cairn_agent cairn-agent
