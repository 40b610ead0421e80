# The words before the cursor: on the first line the command, or nothing; then, if the cursor is among the words of a
# program, these words.
function __chimera_read
    set -l words (commandline -opc)
    set -l command ''
    set -l place 0
    for i in (seq 2 (count $words))
        if contains -- $words[$i] $__chimera_commands
            set command $words[$i]
            set place $i
            break
        end
    end
    echo $command
    set -l program (__chimera_program "$command")
    test -n "$program"; or return
    set -l valued (string split -n ' ' -- (__chimera_valued $command))
    set -l open no
    for i in (seq 2 (count $words))
        if test $i -eq $place
            continue
        else if test $open = yes
            set open no
        else if test "$words[$i]" = --
            echo --
            set -q words[(math $i + 1)]; and string escape -- $words[(math $i + 1)..]
            return
        else if contains -- $words[$i] $valued
            set open yes
        else if test $program = plain -a $i -gt $place; and not string match -q -- '-*' $words[$i]
            echo --
            string escape -- $words[$i..]
            return
        end
    end
    if test $program = plain -a $open = no; and not string match -q -- '-*' (commandline -ct)
        echo --
    end
end

# Whether the cursor is among the words of this command, and not of a program; without a name, of no command.
function __chimera_is
    set -l read (__chimera_read)
    test (count $read) -eq 1 -a "$read[1]" = "$argv[1]"
end

# Whether the cursor is among the words of a program.
function __chimera_in_program
    test (count (__chimera_read)) -gt 1
end

# What can be typed there.
function __chimera_complete_program
    set -l read (__chimera_read)
    complete -C (string join ' ' -- $read[3..] (commandline -ct))
end

# Words that begin with what is typed: with the typed letters as they are, and the others in the same case.
function __chimera_any_case
    set -l value $argv[1]
    set -l lower (string lower -- $value)
    for word in $argv[2..]
        string match -q -- "$lower*" (string lower -- $word); or continue
        set -l rest (string sub -s (math (string length -- "$value") + 1) -- $word)
        if string match -qr '[a-z]' -- $value
            set rest (string lower -- $rest)
        else if string match -qr '[A-Z]' -- $value
            set rest (string upper -- $rest)
        end
        echo $value$rest
    end
end

# The word at the cursor, without the quote that it may begin with, and without the option before its value.
function __chimera_typed
    string replace -r '^--[a-z0-9-]*=' '' -- (string replace -r '^["\']' '' -- (commandline -ct))
end

# Signals, with SIG or without.
function __chimera_signals
    __chimera_name_signals (__chimera_typed)
end

function __chimera_name_signals
    string match -qir '^(s|si|sig.*)$' -- $argv[1]; and __chimera_any_case $argv[1] SIG$__chimera_signals
    __chimera_any_case $argv[1] $__chimera_signals
end

# The last name of a set of flags: what stands before it stays.
function __chimera_flags
    set -l typed (__chimera_typed)
    set -l value (string replace -r '.*[|, ]' '' -- $typed)
    set -l before (string sub -l (math (string length -- "$typed") - (string length -- "$value")) -- $typed)
    set -l names (string match -- "$value*" $argv $__chimera_presets)
    set -a names (__chimera_any_case "$value" $__chimera_flags)
    string match -qi 'clo*' -- $value; and set -a names (__chimera_any_case "$value" CLONE_$__chimera_flags)
    test -n "$value"; and set -a names (__chimera_name_signals "$value")
    printf '%s\n' $before$names
end

# A user, and a group after the colon.
function __chimera_owner
    set -l before (string match -r '.*:' -- (__chimera_typed))
    if test -n "$before"
        printf '%s\n' $before(__fish_complete_groups)
    else
        __fish_complete_users | string replace -r '^[^\t]*' '$0:'
    end
end

# The last name of a list of variables of the environment: what stands before it stays.
function __chimera_variables
    printf '%s\n' (string replace -r '[^,]*$' '' -- (__chimera_typed))(set -nx)
end

function __chimera_commands
    printf '%s\n' $__chimera_commands
end

function __chimera_topics
    __chimera_any_case (__chimera_typed) $__chimera_topics
end

complete -c chimera -f
complete -c chimera -n __chimera_in_program -a '(__chimera_complete_program)'
