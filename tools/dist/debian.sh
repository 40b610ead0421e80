#!/bin/sh
# In a fresh Debian: installs /chimera.deb, uses what it brings, purges it, and compares the files of before and after.
set -eu
files() {
    find / -xdev -path /var/lib/dpkg -prune -o -path /var/cache/man -prune -o -path /var/log -prune -o -print | sort
}
files >/tmp/before
dpkg -i /chimera.deb >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }

chimera --version
chimera thread >/tmp/page
grep 'facts proven, 0 not as claimed' /tmp/page

# `man` by its usual way, and the name that whatis(1) has of it.
man chimera | head -n 1
whatis chimera

# Each shell by its own way to find completions.
# (zsh has a completion for a browser that was called chimera, too.)
bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader chimera; complete -p chimera' | grep _chimera
zsh -f -c 'autoload -U compinit && compinit -u -D && echo "zsh: ${_comps[chimera]}"' | grep _chimera
HOME=/tmp fish -c 'complete -C "chimera doc"' | grep '^doctor'

dpkg -P chimera >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
files >/tmp/after
diff /tmp/before /tmp/after
echo "purged: the same $(wc -l </tmp/after) files as before"
