import type { CommandContext } from '../../program/context.ts'
import { type Command, flagOf, type Given, type OptionDefinition } from '../../program/definition.ts'
import { json, lang } from '../../program/help.ts'
import type { completion, Shell } from './definition.ts'

/** Writes the script; the commands are those of the program, which knows this one. */
export const runWith =
  (commands: readonly Command[]) =>
  async (context: CommandContext, { shell }: Given<typeof completion>): Promise<void> => {
    const described = commands.map(({ definition }) => describe(definition, context))
    context.terminal.out(scripts[shell as Shell](described))
  }

interface Described {
  readonly name: string
  readonly summary: string
  readonly options: readonly DescribedOption[]
  /** Of its only argument, where these are few. */
  readonly choices: readonly string[]
}

interface DescribedOption {
  readonly flag: string
  readonly short: string | undefined
  readonly help: string
  readonly takesValue: boolean
  readonly choices: readonly string[]
}

function describe(definition: Command['definition'], context: CommandContext): Described {
  const options: Readonly<Record<string, OptionDefinition>> = {
    ...definition.options,
    ...(definition.hasJson && { json }),
    lang,
  }
  return {
    name: definition.name,
    summary: context.say(definition.summary),
    choices: Object.values(definition.arguments).flatMap(({ choices = [] }) => choices),
    options: [
      ...Object.entries(options).map(
        ([name, { short, shown, help, choices = [] }]): DescribedOption => ({
          flag: flagOf(name),
          short,
          help: context.say(help),
          takesValue: shown !== undefined,
          choices,
        }),
      ),
      { flag: '--help', short: 'h', help: '', takesValue: false, choices: [] },
    ],
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Words of the shell by which the line is completed; after options with files, and elsewhere, the names of files. */
function bash(commands: readonly Described[]): string {
  const cases = commands.map(({ name, options, choices }) => {
    const ofValues = options.flatMap(({ flag, choices }) =>
      choices.length === 0
        ? []
        : [`        ${flag}) COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$word")); return ;;`],
    )
    const flags = options.flatMap(({ flag, short }) => [flag, ...(short === undefined ? [] : [`-${short}`])])
    return `    ${name})
      case "$before" in
${ofValues.join('\n')}
      esac
      if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W "${flags.join(' ')}" -- "$word"))
      else COMPREPLY=($(compgen ${choices.length > 0 ? `-W "${choices.join(' ')}"` : '-f'} -- "$word")); fi ;;`
  })
  return `# typegrad, for bash
_typegrad() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} --help --version --lang" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
}
complete -o filenames -F _typegrad typegrad
`
}

/** What stands in brackets and after colons has to be told apart. */
const zshText = (text: string): string => text.replace(/[[\]:\\]/g, (letter) => `\\${letter}`)

function zsh(commands: readonly Described[]): string {
  const argumentsOf = ({ options, choices }: Described): string =>
    [
      ...options.map(({ flag, short, help, takesValue, choices }) => {
        const action = !takesValue
          ? ''
          : choices.length > 0
            ? `:value:(${choices.join(' ')})`
            : ':value:_files'
        const names = short === undefined ? flag : `(-${short} ${flag})'{-${short},${flag}}'`
        return `'${names}${`[${zshText(help)}]`.replaceAll("'", `'\\''`)}${action}'`
      }),
      choices.length > 0 ? `'*:value:(${choices.join(' ')})'` : `'*:file:_files'`,
    ].join(' ')
  return `#compdef typegrad
# typegrad, for zsh
_typegrad() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${zshText(summary)}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map((one) => `    ${one.name}) _arguments ${argumentsOf(one)} ;;`).join('\n')}
  esac
}
_typegrad "$@"
`
}

function fish(commands: readonly Described[]): string {
  const lines = commands.flatMap(({ name, summary, options, choices }) => [
    `complete -c typegrad -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...(choices.length === 0
      ? [`complete -c typegrad -n '__fish_seen_subcommand_from ${name}' -F`]
      : [`complete -c typegrad -n '__fish_seen_subcommand_from ${name}' -a '${choices.join(' ')}'`]),
    ...options.map(({ flag, short, help, takesValue, choices }) =>
      [
        `complete -c typegrad -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`,
        ...(short === undefined ? [] : [`-s ${short}`]),
        ...(takesValue ? [choices.length > 0 ? `-x -a '${choices.join(' ')}'` : '-r'] : []),
        ...(help === '' ? [] : [`-d ${quoted(help)}`]),
      ].join(' '),
    ),
  ])
  return `# typegrad, for fish\ncomplete -c typegrad -f\n${lines.join('\n')}\n`
}

const scripts: Readonly<Record<Shell, (commands: readonly Described[]) => string>> = { bash, zsh, fish }
