# Cuts the line into words: bash also cuts at = and :, chimera does not. In raw is where each word begins in COMP_WORDS.
__chimera_cut() {
    local line=${COMP_LINE:0:COMP_POINT} rest piece i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        rest=${line#"${line%%[![:space:]]*}"}
        piece=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || piece=$rest
        if ((i)) && [[ $rest == "$line" ]]; then
            words[${#words[@]} - 1]+=$piece
        else
            words+=("$piece")
            raw+=("$i")
        fi
        line=${rest#"$piece"}
    done
}

# The option of this name, or of the only name that begins so.
__chimera_named() {
    local row
    found=
    for row in "${options[@]}"; do
        [[ $row == "$1 "* ]] && found=$row && return
        [[ $row == "$1"* ]] && found=$row
    done
}

# The option among these letters that takes what follows as its value; in rest is what follows.
__chimera_letter() {
    local row
    rest=$1
    while [[ $rest ]]; do
        for row in "${options[@]}"; do
            [[ ${row#* } == "${rest:0:1} required "* ]] && found=$row && rest=${rest:1} && return
        done
        rest=${rest:1}
    done
    found=
}

# Reads the words before the cursor as chimera does: which command, which option still lacks its value, whether options
# have ended, and where the words of a program begin.
__chimera_read() {
    local i word found rest at=0
    for ((i = 1; i < last; i++)); do
        if [[ " $__chimera_commands " == *" ${words[i]} "* ]]; then
            command=${words[i]} at=$i
            break
        fi
    done
    __chimera_table "$command"
    for ((i = 1; i < last; i++)); do
        word=${words[i]}
        if ((i == at || plain)); then
            continue
        elif [[ $open ]]; then
            open=
            continue
        fi
        case $word in
        --)
            [[ $program == nowhere ]] || { start=$((i + 1)) && return; }
            plain=1
            ;;
        --*=*) ;;
        --*)
            __chimera_named "$word"
            [[ $found == *' required '* ]] && open=$found
            ;;
        -?*)
            __chimera_letter "${word#-}"
            [[ $found && ! $rest ]] && open=$found
            ;;
        *)
            [[ $program == plain ]] && ((i > at)) && start=$i && return
            ;;
        esac
    done
    # The word at the cursor may be the program.
    if [[ $program == plain && ! $open && ${words[last]} != -* ]]; then
        start=$last
    fi
}

# Offers words that begin with what is typed: with the typed letters as they are, and the others in the same case.
__chimera_any_case() {
    local word tail
    for word; do
        [[ ${word,,} == "${value,,}"* ]] || continue
        tail=${word:${#value}}
        case $value in
        *[[:lower:]]*) tail=${tail,,} ;;
        *[[:upper:]]*) tail=${tail^^} ;;
        esac
        replies+=("$value$tail")
    done
}

# Signals, with SIG or without.
__chimera_signals() {
    local -a names=("$@")
    [[ ${value,,} != s?(i?(g*)) ]] || __chimera_any_case "${names[@]/#/SIG}"
    __chimera_any_case "${names[@]}"
}

# The last name of a set of flags: what stands before it stays.
__chimera_last_flag() {
    local name=${value##*[|,[:space:]]} word
    lead+=${value%"$name"}
    value=$name
    local -a flags=($__chimera_flags) signals=($__chimera_signals)
    for word in $__chimera_presets; do
        [[ $word == "$value"* ]] && replies+=("$word")
    done
    __chimera_any_case "${flags[@]}"
    [[ ${value,,} != clo* ]] || __chimera_any_case "${flags[@]/#/CLONE_}"
    [[ ! $value ]] || __chimera_signals "${signals[@]}"
}

# Offers what a value may be: what bash can offer, and words.
__chimera_values() {
    local sort=$1 word
    shift
    if [[ $sort == signals ]]; then
        __chimera_signals "$@"
        return
    fi
    for word; do
        [[ $word == "$value"* ]] && replies+=("$word")
    done
    case $sort in
    flags) __chimera_last_flag ;;
    tasks)
        for word in /proc/[0-9]*; do
            [[ ${word#/proc/} == "$value"* ]] && replies+=("${word#/proc/}")
        done
        ;;
    users) mapfile -t -O "${#replies[@]}" replies < <(compgen -u -- "$value") ;;
    groups) mapfile -t -O "${#replies[@]}" replies < <(compgen -g -- "$value") ;;
    owner)
        if [[ $value == *:* ]]; then
            lead+=${value%%:*}: value=${value#*:}
            mapfile -t -O "${#replies[@]}" replies < <(compgen -g -- "$value")
        else
            compopt -o nospace
            mapfile -t -O "${#replies[@]}" replies < <(compgen -u -S : -- "$value")
        fi
        ;;
    variables)
        word=${value##*,}
        lead+=${value%"$word"}
        mapfile -t -O "${#replies[@]}" replies < <(compgen -e -- "$word")
        ;;
    files)
        compopt -o filenames
        mapfile -t -O "${#replies[@]}" replies < <(compgen -f -- "$value")
        ;;
    folders)
        compopt -o filenames
        mapfile -t -O "${#replies[@]}" replies < <(compgen -d -- "$value")
        ;;
    commands) mapfile -t -O "${#replies[@]}" replies < <(compgen -W "$__chimera_commands" -- "$value") ;;
    topics) __chimera_any_case $__chimera_topics ;;
    esac
}

# Options that begin with what is typed; a single dash stands for their letters too.
__chimera_options() {
    local row long letter rest
    for row in "${options[@]}"; do
        read -r long letter rest <<<"$row"
        [[ $long == "$value"* ]] && replies+=("$long")
        [[ $value == - && $letter != - ]] && replies+=("-$letter")
    done
}

# The words of a program: bash-completion knows them if it is there; otherwise they are a command and files.
__chimera_program() {
    if ((start == last)); then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -c -d -- "$value" | sort -u)
    elif declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "${raw[start]}"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "${raw[start]}"
    else
        compopt -o bashdefault -o default
    fi
}

# Completes the word at the cursor, of which readline replaces $2 alone.
_chimera() {
    local IFS=$' \t\n' command= open= plain=0 start=0 program operand found rest last value lead= kept reply
    local -a words=() raw=() options=() replies=()
    __chimera_cut
    last=$((${#words[@]} - 1))
    __chimera_read
    value=${words[last]}
    kept=${value%"$2"}
    if ((start)); then
        __chimera_program
        return
    fi
    if [[ $value == [\'\"]* ]]; then
        lead=${value:0:1} value=${value:1}
    fi
    if [[ $open ]]; then
        __chimera_values ${open#* * * }
    elif ((plain)) || [[ $value != -* ]]; then
        __chimera_values $operand
    elif [[ $value == --*=* ]]; then
        lead=${value%%=*}= value=${value#*=}
        __chimera_named "${lead%=}"
        [[ $found != *' '*' '*' '* ]] || __chimera_values ${found#* * * }
    elif [[ $value == --* || ${#value} == 1 ]]; then
        __chimera_options
    else
        __chimera_letter "${value#-}"
        [[ ! $found ]] || { lead=${value%"$rest"} value=$rest && __chimera_values ${found#* * * }; }
    fi
    for reply in "${replies[@]}"; do
        reply=$lead$reply
        COMPREPLY+=("${reply#"$kept"}")
    done
}

complete -F _chimera chimera
