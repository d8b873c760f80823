# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The agent's program and tree. Read by `packaging/build`, whose variables it uses.
# shellcheck disable=SC2154

# What leaves no room for a host's own programs is not light.
readonly AGENT_BYTES_MAX=3000000

# C compiler and linker of an architecture: zig compiles, Rust's own lld links Rust's own musl. What the linker is told
# stands here, since cargo would hash it, with the folder it names, into the program.
write_toolchain() {
    local arch=$1 lld options
    lld=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/rust-lld
    mkdir -p "$toolchain"
    printf '#!/usr/bin/env bash\nexec %q ar "$@"\n' "$zig" >"$toolchain/ar"
    # zig has names of its own for targets, and refuses those of cc.
    cat >"$toolchain/cc-$arch" <<SCRIPT
#!/usr/bin/env bash
for argument; do [[ \$argument == --target=* ]] || kept+=("\$argument"); done
exec $(printf %q "$zig") cc -target $arch-linux-musl "\${kept[@]}"
SCRIPT
    # A panic aborts, and symbols are not shipped: tables for walking the stack are a tenth of the program for nothing.
    echo 'SECTIONS { /DISCARD/ : { *(.eh_frame .eh_frame_hdr .gcc_except_table*) } } INSERT AFTER .text;' >"$toolchain/link.ld"
    options='-O2 -pie --no-dynamic-linker --strip-all --icf=all -z pack-relative-relocs --build-id=none --no-eh-frame-hdr'
    # Rust would link a program that cannot be relocated on aarch64; with the start file for it, musl can.
    cat >"$toolchain/ld-$arch" <<SCRIPT
#!/usr/bin/env bash
for argument; do arguments+=("\${argument/%\/crt1.o//rcrt1.o}"); done
exec $(printf %q "$lld") "\${arguments[@]}" $options -T $(printf %q "$toolchain/link.ld")
SCRIPT
    chmod +x "$toolchain/ar" "$toolchain/cc-$arch" "$toolchain/ld-$arch"
}

# compile_agent ARCH SOURCE TARGET_DIR: a static program.
compile_agent() {
    local arch=$1 source=$2 target_dir=$3 target=$1-unknown-linux-musl variable flags=() zstd
    write_toolchain "$arch"
    variable=${target//-/_}
    mapfile -t flags < <(nameless "$source" "$target_dir")
    flags+=(-C linker-flavor=ld.lld)
    # Batches are packed at level 3, which none of the slower compressors serves; they are opened once, after a crash.
    zstd='-DZSTD_STRIP_ERROR_STRINGS -DZSTD_NO_INLINE -DHUF_FORCE_DECOMPRESS_X1 -DZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT -DDYNAMIC_BMI2=0'
    for slower in GREEDY LAZY LAZY2 BTLAZY2 BTOPT BTULTRA; do zstd+=" -DZSTD_EXCLUDE_${slower}_BLOCK_COMPRESSOR"; done
    (
        cd "$source" || exit
        export ZIG_GLOBAL_CACHE_DIR=$toolchain/zig ZIG_LOCAL_CACHE_DIR=$toolchain/zig
        export "CC_$variable=$toolchain/cc-$arch" "AR_$variable=$toolchain/ar"
        export "CARGO_TARGET_${variable^^}_LINKER=$toolchain/ld-$arch"
        export "CFLAGS_$variable=-g0 -fno-asynchronous-unwind-tables -ffile-prefix-map=${CARGO_HOME:-$HOME/.cargo}=/crates $zstd"
        CARGO_ENCODED_RUSTFLAGS=$(encoded "${flags[@]}")
        export CARGO_ENCODED_RUSTFLAGS
        cargo build --quiet --locked --profile dist-agent --bin cairn-agent --package cairn-agent \
            --target "$target" --target-dir "$target_dir"
    )
    cp "$target_dir/$target/dist-agent/cairn-agent" "$work/cairn-agent-$arch"
}

check_agent() {
    local program=$work/cairn-agent-$1 bytes
    bytes=$(stat -c %s "$program")
    ((bytes <= AGENT_BYTES_MAX)) || fail "the program for $1 has $bytes bytes, $AGENT_BYTES_MAX at most"
    ! grep -qa -e '/lib/ld-musl' -e '/lib64/ld-linux' "$program" || fail "the program for $1 is not static"
}

# The tree of the agent; there is no other list.
stage_agent() {
    local arch=$1 root=$2 doc=$2/usr/share/doc/cairn-agent
    put 0755 "$work/cairn-agent-$arch" usr/bin/cairn-agent
    put 0644 packaging/systemd/cairn-agent.service usr/lib/systemd/system/cairn-agent.service
    put 0644 packaging/systemd/cairn-agent-sysusers.conf usr/lib/sysusers.d/cairn-agent.conf
    put 0644 packaging/completions/cairn-agent.bash usr/share/bash-completion/completions/cairn-agent
    put 0644 packaging/completions/_cairn-agent usr/share/zsh/site-functions/_cairn-agent
    put 0644 packaging/completions/cairn-agent.fish usr/share/fish/vendor_completions.d/cairn-agent.fish
    put 0644 packaging/agent/README.md usr/share/doc/cairn-agent/README.md
    put 0644 packaging/agent/agent.toml usr/share/doc/cairn-agent/examples/agent.toml
    put 0644 packaging/agent/copyright usr/share/doc/cairn-agent/copyright
    put 0644 LICENSE usr/share/doc/cairn-agent/LICENSE
    install -d "$root/usr/share/man/man8"
    gzip -9nc packaging/man/cairn-agent.8 >"$root/usr/share/man/man8/cairn-agent.8.gz"
    gzip -9nc packaging/agent/changelog >"$doc/changelog.Debian.gz"
}

