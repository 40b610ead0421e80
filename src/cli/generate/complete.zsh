# Offers words that begin with what is typed: with the typed letters as they are, and the others in the same case.
_chimera_any_case() {
    local word rest
    for word; do
        [[ ${(L)word} == ${(L)PREFIX}* ]] || continue
        rest=${word:$#PREFIX}
        case $PREFIX in
        *[[:lower:]]*) rest=${(L)rest} ;;
        *[[:upper:]]*) rest=${(U)rest} ;;
        esac
        found+=("$PREFIX$rest")
    done
}

# Signals, with SIG or without.
_chimera_signals() {
    local -a found=()
    local expl
    if [[ $PREFIX == (#i)(s|si|sig*) ]]; then
        _chimera_any_case SIG${^_chimera_signals}
    fi
    _chimera_any_case $_chimera_signals
    _wanted signals expl signal compadd -a found
}

# The last name of a set of flags: what stands before it stays. Further words are offered too.
_chimera_flags() {
    setopt localoptions extendedglob
    local -a found=()
    local expl word
    compset -P '*[|, ]'
    for word in $_chimera_presets $@; do
        [[ $word == $PREFIX* ]] && found+=($word)
    done
    _chimera_any_case $_chimera_flags
    if [[ $PREFIX == (#i)clo* ]]; then
        _chimera_any_case CLONE_${^_chimera_flags}
    fi
    if [[ $PREFIX == (#i)(s|si|sig*) ]]; then
        _chimera_any_case SIG${^_chimera_signals}
    fi
    if [[ -n $PREFIX ]]; then
        _chimera_any_case $_chimera_signals
    fi
    _wanted flags expl flag compadd -a found
}

# Tasks: their ids, with their names beside them.
_chimera_tasks() {
    local -a found=()
    local folder name
    for folder in /proc/<->(N/); do
        name=
        { IFS= read -r name <$folder/comm } 2>/dev/null
        found+=("${folder:t}:${name//:/\\:}")
    done
    _describe -t processes task found
}

# A user, and a group after the colon.
_chimera_owner() {
    if compset -P '*:'; then
        _groups
    else
        _users -S :
    fi
}

# The last name of a list of variables of the environment.
_chimera_variables() {
    compset -P '*,'
    _parameters -g '*export*'
}

# Files, and words that stand for something else.
_chimera_files() {
    local expl ret=1
    (( $# )) && _wanted words expl word compadd -- $@ && ret=0
    _files && ret=0
    return ret
}

# Topics of `chimera explain`.
_chimera_topics() {
    local -a found=()
    local expl
    _chimera_any_case $_chimera_topics
    _wanted topics expl topic compadd -a found
}

_chimera() {
    local command= program
    local -a specs
    local -i place
    # The command may stand behind options. Its own word is none of its arguments.
    for (( place = 2; place < CURRENT; place++ )); do
        if (( ${_chimera_commands[(Ie)${words[place]}]} )); then
            command=${words[place]}
            words[place]=()
            (( CURRENT-- ))
            break
        fi
    done
    _chimera_table "$command"
    if [[ $program == plain ]]; then
        _arguments -s -S -A '-*' : $specs '*:::program:_normal'
    elif [[ $program == dashes ]] && (( (place = ${words[(ie)--]}) < CURRENT )); then
        shift place words
        (( CURRENT -= place ))
        _normal
    else
        _arguments -s -S : $specs
    fi
}

_chimera "$@"
