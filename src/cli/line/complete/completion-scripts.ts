export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * Completion scripts by shell. `gatectl __complete` prints one candidate per line. Candidates may contain text chosen by
 * clients, so the scripts treat them as data: they read them line by line, let the shell quote them, and never evaluate them.
 */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of gatectl:  source <(gatectl completion bash)
_gatectl() {
  local line=\${COMP_LINE:0:COMP_POINT} candidate about
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate about; do
    if [[ $candidate == :files ]]; then
      compopt -o default 2>/dev/null
      return
    fi
    [[ $candidate == *[=/] ]] && compopt -o nospace 2>/dev/null
    printf -v candidate %q "$candidate"
    candidate=\${candidate//\\\\,/,} # undo the escaping of commas, which need none
    COMPREPLY+=("$candidate")
  done < <(gatectl __complete bash "$line" "\${COMP_WORDS[COMP_CWORD]}" 2>/dev/null)
}
complete -F _gatectl gatectl
`,
  zsh: `#compdef gatectl
# zsh completion of gatectl:  source <(gatectl completion zsh), or as _gatectl in a folder of $fpath
_gatectl() {
  local candidate about
  local -a values shown open
  while IFS=$'\\t' read -r candidate about; do
    if [[ $candidate == :files ]]; then
      _files
      return
    fi
    if [[ $candidate == *[=/] ]]; then
      open+=("$candidate")
    else
      values+=("$candidate")
      shown+=("\${candidate}\${about:+  -- $about}")
    fi
  done < <(gatectl __complete zsh -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)
  (( $#values )) && compadd -l -d shown -a -- values
  (( $#open )) && compadd -S '' -a -- open
}
if [[ \${funcstack[1]} == _gatectl ]]; then
  _gatectl "$@"
else
  compdef _gatectl gatectl
fi
`,
  fish: `# fish completion of gatectl:  gatectl completion fish | source
function __gatectl_complete
    set -l words (commandline -opc)
    set -l found (gatectl __complete fish -- $words[2..-1] (commandline -ct | string unescape) 2>/dev/null)
    if test "$found[1]" = :files
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $found
    end
end
complete -c gatectl -f -a '(__gatectl_complete)'
`,
};
