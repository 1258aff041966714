import { Command as Commander, Option } from 'commander'
import type { Language } from '../language/text.ts'
import { type Terminal, usualColumns } from '../terminal/terminal.ts'
import { CommandContext } from './context.ts'
import {
  type Command,
  type CommandDefinition,
  flagOf,
  type Given,
  type OptionDefinition,
} from './definition.ts'
import { commandHelp, json, lang, programHelp } from './help.ts'
import { notAmong } from './options.ts'
import { ownVersion } from './version.ts'

interface Spoken {
  readonly terminal: Terminal
  readonly language: Language
  /** Is told when work begins, and with what. */
  readonly begun: (context: CommandContext) => void
}

/** The program of commands, for commander to read a command line by. */
export function programOf(commands: readonly Command[], spoken: Spoken): Commander {
  const { terminal, language } = spoken
  const columns = Math.min(100, terminal.columns ?? usualColumns)
  const program = quiet(new Commander('typegrad'), terminal, () => programHelp(commands, language, columns))
  program.addOption(optionOf('lang', lang)).version(ownVersion())
  for (const command of commands) program.addCommand(commandOf(command, spoken, columns))
  return program
}

/** Errors are thrown, and said by `explain`; help is our own. */
function quiet(command: Commander, terminal: Terminal, help: () => string): Commander {
  return command
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      outputError: () => {},
    })
    .configureHelp({ formatHelp: help })
}

function commandOf({ definition, load }: Command, spoken: Spoken, columns: number): Commander {
  const { terminal, language } = spoken
  const command = quiet(new Commander(definition.name), terminal, () =>
    commandHelp(definition, language, columns),
  )
  for (const [name, { isOptional }] of Object.entries(definition.arguments))
    command.argument(isOptional ? `[${name}]` : `<${name}>`)
  const options = { ...definition.options, ...(definition.hasJson && { json }), lang }
  for (const [name, option] of Object.entries(options)) command.addOption(optionOf(name, option))
  return command.action(async (...given: readonly unknown[]) => {
    const names = Object.keys(definition.arguments)
    const context = new CommandContext(terminal, language, command.opts().json === true)
    const all = { ...Object.fromEntries(names.map((name, i) => [name, given[i]])), ...command.opts() }
    checkChoices(definition, all)
    spoken.begun(context)
    const { run } = await load()
    await run(context, all as Given<CommandDefinition>)
  })
}

function checkChoices(definition: CommandDefinition, given: Readonly<Record<string, unknown>>): void {
  for (const [name, { shown, choices }] of Object.entries(definition.arguments)) {
    const value = given[name]
    if (choices !== undefined && typeof value === 'string' && !choices.includes(value))
      throw notAmong(shown, choices, value)
  }
}

function optionOf(name: string, { short, shown, parse }: OptionDefinition): Option {
  const flags = `${short === undefined ? '' : `-${short}, `}${flagOf(name)}`
  const option = new Option(shown === undefined ? flags : `${flags} <${shown}>`)
  return parse === undefined
    ? option
    : option.argParser((given, before: unknown) => parse(given, flagOf(name), before))
}
