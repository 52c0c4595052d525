_pathproof() {
    # Readline takes words apart at : and =, which stand inside of services, sets and `--option=value`.
    local -a words=("${COMP_WORDS[0]}")
    local at glued=0 index=0 cut=""
    for ((at = 1; at < ${#COMP_WORDS[@]}; at++)); do
        if ((at > 1)) && { ((glued)) || [[ ${COMP_WORDS[at]} == [:=]* ]]; }; then
            words[${#words[@]} - 1]+=${COMP_WORDS[at]}
        else
            words+=("${COMP_WORDS[at]}")
        fi
        [[ ${COMP_WORDS[at]} == *[:=] ]] && glued=1 || glued=0
        ((at == COMP_CWORD)) && index=$((${#words[@]} - 1)) && break
    done
    # What readline keeps of the word, for it replaces only what stands behind the last of them. Inside of quotes all is one word.
    [[ ${words[index]} == [\"\']* || ${words[index]} != *[:=]* ]] || cut=${words[index]%"${words[index]##*[:=]}"}

    local IFS=$'\013'
    COMPREPLY=($(_CLAP_IFS="$IFS" _CLAP_COMPLETE_INDEX=$index _CLAP_COMPLETE_COMP_TYPE=$COMP_TYPE _CLAP_COMPLETE_SPACE=false \
        COMPLETE=bash pathproof -- "${words[@]}" 2>/dev/null)) || COMPREPLY=()
    COMPREPLY=("${COMPREPLY[@]#"$cut"}")

    case ${COMPREPLY[0]-} in
        */ | *= | *:) ;;
        *) compopt +o nospace 2>/dev/null ;;
    esac
    # What the shell would read otherwise is quoted as names of files are.
    [[ ${COMPREPLY[*]} != *[[:blank:]\&\|\!\(\)]* ]] || compopt -o filenames 2>/dev/null
}
complete -o nospace -o nosort -F _pathproof pathproof 2>/dev/null || complete -o nospace -F _pathproof pathproof
