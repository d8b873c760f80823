# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The collector's program and tree. Read by `packaging/build`, whose variables it uses.
# shellcheck disable=SC2154

# The oldest C library the program runs with: that of Debian 10 and RHEL 8.
readonly COLLECTOR_GLIBC=2.28

# compile_collector ARCH SOURCE TARGET_DIR: a program for any Linux with that C library, which sets PDF itself.
compile_collector() {
    local arch=$1 source=$2 target_dir=$3 target=$1-unknown-linux-gnu flags=()
    mapfile -t flags < <(nameless "$source" "$target_dir")
    (
        cd "$source" || exit
        export PATH=$tools/packaging/bin:$PATH
        export "CFLAGS_${target//-/_}=-g0 -ffile-prefix-map=${CARGO_HOME:-$HOME/.cargo}=/crates"
        CARGO_ENCODED_RUSTFLAGS=$(encoded "${flags[@]}")
        export CARGO_ENCODED_RUSTFLAGS
        cargo zigbuild --quiet --locked --profile dist-collector --bin cairn --package cairn-collector --features pdf \
            --target "$target.$COLLECTOR_GLIBC" --target-dir "$target_dir"
    )
    cp "$target_dir/$target/dist-collector/cairn" "$work/cairn-collector-$arch"
}

check_collector() {
    local program=$work/cairn-collector-$1 newest
    newest=$(grep -aoE 'GLIBC_2\.[0-9]+' "$program" | sort -uV | tail -1)
    [[ $(printf '%s\n' "$newest" "GLIBC_$COLLECTOR_GLIBC" | sort -V | tail -1) == "GLIBC_$COLLECTOR_GLIBC" ]] ||
        fail "the collector for $1 asks for $newest, GLIBC_$COLLECTOR_GLIBC at most"
}

# Manual and completions come from the program itself; both architectures get what this machine's own says.
write_manual() {
    local program host
    host=$(uname -m) program=$work/cairn-collector-$host
    [[ -x $program ]] || compile_collector "$host" "$PWD" "$target_dir"
    mkdir -p "$work/manual"
    "$program" man "$work/manual" >/dev/null
    gzip -9n "$work/manual"/*
    for shell in bash zsh fish; do "$program" completions $shell >"$work/completions.$shell"; done
}

# The tree of the collector; there is no other list.
stage_collector() {
    local arch=$1 root=$2 doc=$2/usr/share/doc/cairn-collector
    [[ -d $work/manual ]] || write_manual
    put 0755 "$work/cairn-collector-$arch" usr/bin/cairn
    put 0644 packaging/systemd/cairn-collector.service usr/lib/systemd/system/cairn-collector.service
    put 0644 packaging/systemd/cairn-collector-sysusers.conf usr/lib/sysusers.d/cairn-collector.conf
    put 0644 "$work/completions.bash" usr/share/bash-completion/completions/cairn
    put 0644 "$work/completions.zsh" usr/share/zsh/site-functions/_cairn
    put 0644 "$work/completions.fish" usr/share/fish/vendor_completions.d/cairn.fish
    put 0644 packaging/collector/README.md usr/share/doc/cairn-collector/README.md
    put 0644 packaging/collector/copyright usr/share/doc/cairn-collector/copyright
    put 0644 LICENSE usr/share/doc/cairn-collector/LICENSE
    install -D -m 0644 -t "$root/usr/share/man/man1" "$work/manual"/*
    gzip -9nc packaging/collector/changelog >"$doc/changelog.Debian.gz"
}
