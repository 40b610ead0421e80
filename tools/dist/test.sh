#!/bin/sh
# make dist-test: uses each package of FOLDER/dist, and says in a line what was seen. A tool that is missing is a SKIP; the
# status is 0 if nothing failed. As root, and with a mirror of Debian, for the fresh Debian.
#
# usage: test.sh FOLDER. The environment: KERNEL, a kernel's file with a serial console built in.
#
# Everything happens in a folder of its own: a root of Debian's, one of rpm's, a bundle of runc's. What is mounted in there is
# mounted in a mount namespace that ends with the step.
set -u
target=$1
dist=$target/dist
export LC_ALL=C TZ=UTC DEBIAN_FRONTEND=noninteractive
umask 022
failed=0 skipped=0

ok() {
    echo "ok: $*"
}

not_ok() {
    echo "FAIL: $*"
    failed=$((failed + 1))
}

skip() {
    echo "SKIP: $*"
    skipped=$((skipped + 1))
}

# Whether all tools are here: has WHAT TOOL..
has() {
    what=$1
    shift
    for tool; do
        command -v "$tool" >/dev/null || { skip "$what: $tool is not installed"; return 1; }
    done
}

is_root() {
    [ "$(id -u)" = 0 ] || { skip "$1: root alone may do that"; return 1; }
}

# Does a step, and says how it went: its output follows if it failed.
step() {
    what=$1
    shift
    if "$@" >"$work/step.log" 2>&1; then
        ok "$what"
    else
        not_ok "$what"
        tail -n 30 "$work/step.log" | sed 's/^/  | /'
        return 1
    fi
}

# The one file of a kind.
package() {
    found=$(find "$dist" -maxdepth 1 -name "$1")
    [ -n "$found" ] || { skip "$1: make dist has made none"; return 1; }
}

check_sums() {
    step "SHA256SUMS" sh -c 'cd "$1" && sha256sum --strict --check SHA256SUMS && [ "$(wc -l <SHA256SUMS)" = "$(ls chimera* | wc -l)" ]' sh "$dist"
}

# What each packaged program is to say: as the one in the archive, whose sum the SBOM has.
check_tar() {
    package '*-linux.tar.gz' || return
    mkdir "$work/unpacked"
    step "the archive is unpacked, and its program starts" sh -c 'tar -xzf "$1" -C "$2" --strip-components=1 && "$2/bin/chimera" thread >/dev/null &&
        "$2/bin/chimera" --version' sh "$found" "$work/unpacked"
    elf=$work/unpacked/bin/chimera
    sum=$(sha256sum "$elf" | cut -d ' ' -f 1)
}

check_sbom() {
    package '*.cdx.json' || return
    step "the SBOM names this program" jq -e --arg sum "$sum" '.metadata.component.hashes[0].content == $sum' "$found"
    script='import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1]).read())
sys.exit(str(error) if error else 0)'
    if python3 -c 'from cyclonedx.validation.json import JsonStrictValidator' 2>/dev/null; then
        step "the SBOM is valid CycloneDX 1.5" python3 -c "$script" "$found"
    else
        skip "the SBOM is not validated: pip install 'cyclonedx-python-lib[json-validation]'"
    fi
}

# A static program is overridden in the package, with its reason.
check_lintian() {
    package '*.deb' && has "lintian" lintian || return
    step "lintian finds no error and no warning" lintian --fail-on error,warning --allow-root "$found"
    step "lintian has needed one override" sh -c '[ "$(lintian --allow-root --show-overrides "$1" | grep -c "^O:")" = 1 ]' sh "$found"
}

# A Debian without Rust: the package alone is installed, used and purged. What man and completions need is there before.
check_debian() {
    package '*.deb' && has "a fresh Debian" debootstrap dpkg && is_root "a fresh Debian" || return
    root=$work/debian
    mirror=$(apt-get --print-uris update 2>/dev/null | sed -n "s|^'\([^']*/debian\)/dists/.*|\1|p" | head -n 1)
    step "a fresh Debian" debootstrap --variant=minbase --include=man-db,bash-completion,zsh,fish "${SUITE:-bookworm}" "$root" \
        ${mirror:+"$mirror"} || return
    cp "$found" "$root/chimera.deb"
    cp tools/dist/debian.sh "$root/debian.sh"
    step "installed in it, used, and purged: nothing is left" unshare --mount --propagation private sh -c '
        mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/tmp" && mount --bind /dev "$1/dev" &&
        exec chroot "$1" sh /debian.sh' sh "$root" && sed 's/^/  /' "$work/step.log"
}

check_rpm() {
    package '*.rpm' && has "the .rpm" rpm cpio && is_root "the .rpm" || return
    root=$work/rpm
    mkdir "$root"
    step "the .rpm is installed in a root of its own" rpm --root "$root" --initdb || return
    step "its files are there" sh -c 'rpm --root "$1" -i --nodeps --ignoreos "$2" && rpm --root "$1" -V chimera && rpm -qlp "$2" && "$1/usr/bin/chimera" --version &&
        [ "$(sha256sum "$1/usr/bin/chimera" | cut -d " " -f 1)" = "$3" ]' sh "$root" "$found" "$sum"
    step "erased, nothing is left" sh -c 'rpm --root "$1" -e chimera && ! find "$1" -path "$1/var/lib/rpm" -prune -o -iname "*chimera*" -print | grep .' sh "$root"
}

# The image by runc, and by its own words: the entry point is the program.
check_image() {
    package '*-oci.tar' && has "the image" skopeo runc jq && is_root "the image" || return
    bundle=$work/bundle
    mkdir -p "$bundle/rootfs"
    step "skopeo reads the image" skopeo --insecure-policy copy --quiet "oci-archive:$found" "dir:$work/copied" || return
    step "its layer is a root of files" sh -c 'tar -xzf "$1/$(jq -r ".layers[0].digest" "$1/manifest.json" | cut -d: -f2)" -C "$2/rootfs"' sh "$work/copied" "$bundle"
    entry=$(jq -c .config.Entrypoint "$work/copied/$(jq -r .config.digest "$work/copied/manifest.json" | cut -d: -f2)")
    step "runc runs it: a chimera is proven in a container" sh -c 'cd "$1" && runc spec &&
        jq --argjson entry "$2" ".process.terminal = false | .process.args = \$entry + [\"chimera\"]" config.json >new.json && mv new.json config.json &&
        runc --root "$1/state" run chimera-dist-test-$$ >page && cat page && grep -q "facts proven, 0 not as claimed" page' sh "$bundle" "$entry"
}

# A machine that has this one file: the program is process 1, checks the kernel and turns the machine off.
check_initramfs() {
    package '*-initramfs.cpio.gz' && has "the initramfs" qemu-system-x86_64 || return
    kernel=${KERNEL:-$(find "$target/kernels" -name vmlinuz 2>/dev/null | sort | tail -n 1)}
    [ -f "$kernel" ] || { skip "the initramfs: KERNEL=path names a kernel; \`make kernels\` fetches some"; return; }
    step "booted under QEMU (${kernel#"$target/kernels/"}): it has checked the kernel, and turned the machine off" sh -c '
        timeout 1800 qemu-system-x86_64 -accel tcg -cpu qemu64 -m 256 -no-reboot -display none -nic none -monitor none -serial stdio \
            -kernel "$1" -initrd "$2" -append "console=ttyS0 quiet panic=-1 chimera.check=pairs" </dev/null >"$3" &&
        cat "$3" && grep "^ok 1 pairs" "$3" && ! grep "Kernel panic" "$3"' sh "$kernel" "$found" "$work/console"
}

work=$(mktemp -d "${TMPDIR:-/tmp}/chimera-dist-XXXXXX") || exit 1
chmod 755 "$work"
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$(dirname "$0")/../.." || exit 1
check_sums
check_tar
check_sbom
check_lintian
check_rpm
check_image
check_initramfs
check_debian
echo "$failed failed, $skipped skipped"
[ "$failed" = 0 ]
