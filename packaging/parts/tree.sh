# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A clean Debian tree in which a package lives. Read by `packaging/smoke` and `packaging/smoke-collector`, whose variables
# it uses: systemd, smoke, unit, work, tree, other, machine, leader, and TRIAL for options of the service under test.
# shellcheck disable=SC2034,SC2154

# What the trees need: otherwise the test says so and is left out.
able_or_skip() {
    for needed in mmdebstrap rpm rpm2cpio cpio dpkg-deb jq ${systemd:+systemd-nspawn}; do
        command -v "$needed" >/dev/null || { echo "SKIPPED $smoke: $needed is not here" && exit 0; }
    done
    [[ $(id -u) == 0 ]] || { echo "SKIPPED $smoke: only root can make a tree of another system" && exit 0; }
    # In a mount namespace of its own: whatever happens, no mount stays behind.
    [[ ${CAIRN_SMOKE_INSIDE:-} ]] || CAIRN_SMOKE_INSIDE=1 exec unshare --mount --propagation private "$0" ${systemd:+--systemd}
}

# The tree ends, with whatever runs in it.
tear_down() {
    if [[ $machine ]]; then
        # Its parent gone, the tree ends at once; there is nothing in it to save.
        kill -KILL "$machine" 2>/dev/null || true
    elif [[ -f $tree/run/${unit%.service}.pid ]]; then
        kill "$(<"$tree/run/${unit%.service}.pid")" 2>/dev/null || true
    fi
    wait
    ! mountpoint -q "$tree/proc" || umount --lazy -R "$tree"/{proc,sys,dev,run,usr/local/bin}
    rm -rf "$work"
}

title() { echo && echo "=== $*"; }
fail() { echo "FAILED: $*" >&2 && exit 1; }
# told COMMAND...: shows it and what it says.
told() { echo "\$ $*" && "$@"; }
inside() {
    if [[ $leader ]]; then
        nsenter --target "$leader" --mount --uts --ipc --pid --root --wd -- "$@"
    else
        chroot "$tree" "$@"
    fi
}
carry() { inside sh -c "umask 077 && cat >$2" <"$1"; }
told_inside() { echo "# $*" && inside "$@"; }

# Where systemd does not run, the stand-in keeps the log.
unit_log() {
    [[ $systemd ]] && inside journalctl --no-pager --unit "$unit" || inside cat "/run/${unit%.service}.log" || true
}
main_pid() { inside systemctl show --property MainPID --value "$unit"; }
runs() { inside test -d "/proc/$1"; }

# Everything of a tree that lies on its own file system: kind, mode, owner, and what regular files hold.
listing() {
    (cd "$1" && find . -xdev -printf '%p %y %m %U:%G ' \( -type f -exec sh -c 'sha256sum <"$1" | cut -c1-16' _ {} \; \
        -o -printf '%l\n' \)) | sort
}

# The stand-in lives on file systems of its own, so that it is no part of what is compared.
stand_in() {
    local mounted
    for mounted in proc sys dev; do mount --rbind "/$mounted" "$tree/$mounted"; done
    mount -t tmpfs none "$tree/run" && mount -t tmpfs none "$tree/usr/local/bin"
    mkdir -p "$tree/run/systemd/system"
    install -m 0755 packaging/systemctl-stand-in "$tree/usr/local/bin/systemctl"
    [[ ! ${TRIAL:-} ]] || echo "$TRIAL" >"$tree/run/trial-options"
}

boot() {
    rm -f "$tree/etc/machine-id"
    systemd-nspawn --quiet --directory "$tree" --boot --register=no --keep-unit --console=pipe \
        </dev/null >"$work/boot" 2>&1 &
    machine=$!
    for _ in $(seq 300); do
        leader=$(pgrep --parent "$machine" || true)
        [[ ! $leader || ! $(inside systemctl is-system-running 2>/dev/null) =~ running|degraded ]] || break
        kill -0 "$machine" 2>/dev/null || fail "the tree does not boot: $(<"$work/boot")"
        sleep 0.2
    done
    echo "booted: $(inside systemctl --version | head -1)"
    [[ ${TRIAL:-} ]] || return 0
    inside mkdir -p "/run/systemd/system/$unit.d"
    printf '[Service]\nExecStart=\nExecStart=%s %s\n' \
        "$(sed -n 's/^ExecStart=//p' "packaging/systemd/$unit")" "$TRIAL" >"$work/trial.conf"
    carry "$work/trial.conf" "/run/systemd/system/$unit.d/trial.conf"
}

make_trees() {
    title "a clean Debian tree"
    told mmdebstrap --quiet --variant=minbase ${systemd:+--include=systemd,systemd-sysv,dbus} bookworm "$tree"
    # What a first package would leave behind in any case.
    inside sh -c 'rm -rf /var/cache/apt/archives/*.deb'
    cp -a "$tree" "$other"
    if [[ $systemd ]]; then boot; else stand_in; fi
    listing "$tree" >"$work/before"
    echo "$(wc -l <"$work/before") entries, $(du -sxh "$tree" | cut -f1)"
}

# deb, rpm and archive of the first revision hold the same files.
check_kinds() {
    title "the rpm and the archive hold what the deb holds"
    mkdir "$work"/{from-deb,from-rpm,from-archive}
    dpkg-deb -x "$work"/one/*.deb "$work/from-deb"
    (cd "$work/from-rpm" && rpm2cpio "$work"/one/*.rpm | cpio --quiet -idm)
    tar -xzf "$work"/one/*.tar.gz -C "$work/from-archive" --strip-components=1
    told diff -r "$work/from-deb" "$work/from-rpm"
    told diff -r "$work/from-deb" "$work/from-archive"
    told rpm -qp --queryformat '%{NAME} %{VERSION}-%{RELEASE} %{ARCH} %{LICENSE} %{SIZE} bytes\n' "$work"/one/*.rpm
}
