// SPDX-License-Identifier: MIT
/** What a shell needs to complete `kata ...`: a function of that name, and words made of the commands and the shelf. Pure. */

export interface CompletedCommand {
  name: string;
  description: string;
  /** `--seed`, ... */
  options: string[];
  /** What its arguments may be, one list for each place. "check": the checks of the kata before it. */
  arguments: (string[] | "check")[];
}

export interface Vocabulary {
  commands: CompletedCommand[];
  /** By two digits. */
  checks: Record<string, string[]>;
  /** What `--export` takes before its `=FILE`. */
  formats: string[];
}

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export function completion(shell: Shell, words: Vocabulary): string {
  if (shell === "fish") return fish(words);
  const zsh = shell === "zsh" ? ZSH : "";
  return `${zsh}${bash(words)}`;
}

/** zsh takes what is written for bash, once it has been told to. */
const ZSH =
  "(( $+functions[compdef] )) || { autoload -U +X compinit && compinit -i; }\nautoload -U +X bashcompinit && bashcompinit\n";

function bash({ commands, checks, formats }: Vocabulary): string {
  const cases = commands.map((command) => {
    const places = command.arguments.map(
      (words, at) => `${at + 2}) words="${words === "check" ? "$checks" : words.join(" ")}" ;;`,
    );
    return `    ${command.name}) options="${command.options.join(" ")}"; case $COMP_CWORD in ${places.join(" ")} esac ;;`;
  });
  const known = Object.entries(checks).map(([number, ids]) => `    ${number}) checks="${ids.join(" ")}" ;;`);
  return `kata() { bun kata "$@"; }
_kata() {
  local words="" options="" checks="" current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  case "\${COMP_WORDS[2]}" in
${known.join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  if [ "$COMP_CWORD" = 1 ]; then words="${commands.map(({ name }) => name).join(" ")}"
  elif [ "$before" = --check ]; then words="$checks"
  elif [ "$before" = --export ]; then words="${formats.map((format) => `${format}=`).join(" ")}"; compopt -o nospace 2>/dev/null || true
  elif [[ "$before" = --from || "$before" = --junit || "$before" = --json || "$before" = --out || "$before" = --svg ]]; then words=""
  elif [[ "$current" = -* ]]; then words="$options"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ -n "$words" ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _kata kata
`;
}

const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function fish({ commands, checks, formats }: Vocabulary): string {
  const lines = commands.flatMap(({ name, description, options, arguments: places }) => {
    const on = `__fish_seen_subcommand_from ${name}`;
    const [first] = places;
    return [
      `complete -c kata -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`,
      ...options.map((option) => {
        const words = option === "--export" ? ` -x -a '${formats.map((format) => `${format}=`).join(" ")}'` : "";
        return `complete -c kata -n '${on}' -l ${option.slice(2)}${words}`;
      }),
      ...(Array.isArray(first) && first.length > 0 ? [`complete -c kata -n '${on}' -f -a '${first.join(" ")}'`] : []),
    ];
  });
  const known = Object.entries(checks).map(
    ([number, ids]) =>
      `complete -c kata -n '__fish_seen_subcommand_from replay; and __fish_seen_subcommand_from ${number}' -f -a '${ids.join(" ")}'`,
  );
  return `function kata; bun kata $argv; end\n${[...lines, ...known].join("\n")}\n`;
}
