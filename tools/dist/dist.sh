#!/bin/sh
# make dist: each package of chimera, into FOLDER/dist. docs/packaging.md says what each is for.
#
# usage: dist.sh FOLDER, from the top of the source. FOLDER is cargo's. The environment: CARGO, MAKE; ELF, a program that is
# taken as it is instead of building one; CHIMERA_COMMIT and SOURCE_DATE_EPOCH, else git is asked for both.
#
# The same commit makes the same bytes, in whatever folder: what is packed has the time of the commit, an order that does
# not depend on the file system, and no owner; the compressors get no name, no time and one thread.
set -eu
target=$1
own=tools/dist
cargo=${CARGO:-cargo}
out=$target/dist
export LC_ALL=C TZ=UTC DPKG_DEB_THREADS_MAX=1
umask 022

fail() {
    echo "make dist: $*" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null && return
    echo "SKIP: $2 needs $1 (apt-get install $3)"
    return 1
}

# The commit and its date. A source that has changed since is of no commit.
read_commit() {
    if [ -z "${CHIMERA_COMMIT+set}" ] || [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
        [ "$(git rev-parse --show-cdup 2>/dev/null || echo none)" = "" ] ||
            fail "this is no checkout of git: set SOURCE_DATE_EPOCH, and CHIMERA_COMMIT, which may be empty"
    fi
    if [ -z "${CHIMERA_COMMIT+set}" ]; then
        changed=$(git status --porcelain --untracked-files=no)
        [ -z "$changed" ] || fail "changed since the commit: $(echo "$changed" | head -n 3 | tr '\n' ' '); commit it, or set CHIMERA_COMMIT= to name none"
        CHIMERA_COMMIT=$(git rev-parse HEAD)
    fi
    : "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
    export CHIMERA_COMMIT SOURCE_DATE_EPOCH
    date=$(date -u -d "@$SOURCE_DATE_EPOCH" +%FT%TZ)
    maintainer=${MAINTAINER:-$(git log -1 --format='%an <%ae>' 2>/dev/null || echo "unknown <unknown@localhost>")}
}

# Sets the time of a folder and of all in it, at last.
settle() {
    find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# An archive of one name in a folder: pack FOLDER NAME.
pack() {
    tar --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C "$1" -cf - "$2"
}

# What `make install` installs, below $tree/usr.
install_tree() {
    tree=$work/tree
    ${MAKE:-make} --no-print-directory install ${ELF:+"ELF=$ELF"} CARGO_TARGET_DIR="$target/dist-build" \
        DESTDIR="$tree" PREFIX=/usr >"$work/install.log" 2>&1 || { cat "$work/install.log" >&2; fail "make install failed"; }
    elf=$tree/usr/bin/chimera
    version=$("$elf" --version | sed -n '1s/^chimera \([^ ]*\) .*/\1/p')
    rustc=$("$elf" --version | sed -n '1s/.*, rustc \([^,]*\),.*/\1/p')
    name=chimera-$version-x86_64-linux
    settle "$tree"
}

# The installed tree, to be unpacked in /usr/local or anywhere.
make_tar() {
    cp -a "$tree/usr" "$work/$name"
    pack "$work" "$name" | gzip -9n >"$out/$name.tar.gz"
}

make_deb() {
    has dpkg-deb "the .deb" dpkg || return 0
    root=$work/deb
    doc=$root/usr/share/doc/chimera
    cp -a "$tree" "$root"
    mkdir -p "$root/DEBIAN" "$doc" "$root/usr/share/lintian/overrides"
    # Debian has its own places for these.
    rm -f "$doc"/LICENSE-*
    if [ -d "$root/usr/share/zsh/site-functions" ]; then
        mv "$root/usr/share/zsh/site-functions" "$root/usr/share/zsh/vendor-completions"
    fi
    copyright >"$doc/copyright"
    changelog | gzip -9n >"$doc/changelog.gz"
    install -m 644 "$own/lintian-overrides" "$root/usr/share/lintian/overrides/chimera"
    find "$root" -path '*/man/*' -type f -exec gzip -9n {} +
    size=$(find "$root/usr" -type f -printf '%s\n' | awk '{ sum += int(($1 + 1023) / 1024) } END { print sum }')
    sed -e "s|@VERSION@|$version|" -e "s|@MAINTAINER@|$maintainer|" -e "s|@SIZE@|$size|" "$own/control" >"$root/DEBIAN/control"
    (cd "$root" && find usr -type f | sort | xargs -d '\n' md5sum >DEBIAN/md5sums)
    settle "$root"
    dpkg-deb --root-owner-group -Zxz --build "$root" "$out/chimera_${version}_amd64.deb" >/dev/null
}

# The file `copyright`: chimera's licences, and the crates that are in the program, each with its own.
copyright() {
    cat <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: chimera

Files: *
Copyright: $(sed -n 's/^Copyright (c) //p' LICENSE-MIT)
License: MIT or Apache-2.0
Comment: The program contains these crates, each of which may be used under Apache-2.0:
$(jq -r '.components[] | "  \(.name) \(.version): \(.licenses[0].expression)"' "$sbom")

License: MIT
$(sed -e '1,/^Copyright/d' -e '/./,$!d' LICENSE-MIT | sed -e 's/^$/./' -e 's/^/ /')

License: Apache-2.0
 On Debian systems the text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.
END
}

# Debian's changelog, which has one entry: the package is made from one version.
changelog() {
    cat <<END
chimera ($version) unstable; urgency=medium

  * chimera $version: CHANGELOG.md in this folder says what is new.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
}

make_rpm() {
    has rpmbuild "the .rpm" rpm || return 0
    # Folders of the system belong to the system; those of chimera alone are listed.
    (cd "$tree" && find . \( -type f -printf '/%P\n' \) -o -path '*/doc/chimera*' -printf '%%dir /%P\n') | sort |
        sed -e '/\/man\//s/^/%doc /' -e '/^\/.*\/doc\//s/^/%doc /' -e '/LICENSE/s/%doc/%license/' >"$work/files"
    rpmbuild -bb --quiet --target x86_64 --define "_topdir $work/rpm" --define "version $version" --define "tree $tree" \
        --define "list $work/files" "$own/chimera.spec" >"$work/rpm.log" 2>&1 || { cat "$work/rpm.log" >&2; fail "rpmbuild failed"; }
    cp "$work/rpm/RPMS/x86_64/chimera-$version-1.x86_64.rpm" "$out"
}

# A root of files that holds the program, under the name $2, and the licences.
root_of() {
    install -D -m 755 "$elf" "$1/$2"
    install -D -m 644 -t "$1/licenses" LICENSE-APACHE LICENSE-MIT
}

# A file as a blob of the image: prints what others know of it.
blob() {
    sum=$(sha256sum "$1" | cut -d ' ' -f 1)
    mv "$1" "$blobs/$sum"
    printf '{"digest":"sha256:%s","size":%s}' "$sum" "$(stat -c %s "$blobs/$sum")"
}

make_image() {
    layout=$work/image blobs=$work/image/blobs/sha256
    mkdir -p "$blobs"
    root_of "$work/layer" chimera
    settle "$work/layer"
    pack "$work/layer" . >"$work/layer.tar"
    diff=sha256:$(sha256sum "$work/layer.tar" | cut -d ' ' -f 1)
    gzip -9n "$work/layer.tar"
    layer=$(blob "$work/layer.tar.gz") config=null manifest=null
    for what in config manifest index; do
        jq -n -S -c -f "$own/image.jq" --arg what $what --arg version "$version" --arg date "$date" --arg commit "$CHIMERA_COMMIT" \
            --arg diff "$diff" --argjson layer "$layer" --argjson config "$config" --argjson manifest "$manifest" >"$work/object"
        case $what in
        config) config=$(blob "$work/object") ;;
        manifest) manifest=$(blob "$work/object") ;;
        index) mv "$work/object" "$layout/index.json" ;;
        esac
    done
    echo '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
    settle "$layout"
    pack "$layout" . >"$out/chimera-$version-oci.tar"
}

# The program as /init makes what else it needs itself.
make_initramfs() {
    has cpio "the initramfs" cpio || return 0
    root_of "$work/initramfs" init
    mkdir "$work/initramfs/dev" "$work/initramfs/proc"
    settle "$work/initramfs"
    (cd "$work/initramfs" && find . -mindepth 1 -printf '%P\n' | sort | cpio -o -H newc -R 0:0 --reproducible --quiet) |
        gzip -9n >"$out/chimera-$version-initramfs.cpio.gz"
}

make_sbom() {
    sbom=$out/chimera-$version.cdx.json
    $cargo metadata --locked --format-version 1 --filter-platform x86_64-unknown-linux-gnu |
        jq -S -f "$own/sbom.jq" --rawfile lock Cargo.lock --arg date "$date" --arg commit "$CHIMERA_COMMIT" \
            --arg rustc "$rustc" --arg elf "$(sha256sum "$elf" | cut -d ' ' -f 1)" >"$sbom"
}

for tool in tar:tar gzip:gzip jq:jq sha256sum:coreutils; do
    command -v "${tool%%:*}" >/dev/null || fail "${tool%%:*} is missing: apt-get install ${tool##*:}"
done
read_commit
rm -rf "$out"
mkdir -p "$out"
work=$(mktemp -d "${TMPDIR:-/tmp}/chimera-dist-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
install_tree
make_sbom
make_tar
make_deb
make_rpm
make_image
make_initramfs
(cd "$out" && sha256sum chimera* >SHA256SUMS)
cat "$out/SHA256SUMS"
echo "$out: chimera $version, commit ${CHIMERA_COMMIT:-none}, $date"
