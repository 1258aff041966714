/**
 * `program/`: what a command line is: definitions of commands, which are data, the program that is made of them, its help and its
 * failures. It knows languages and terminals, and loads a command's work when the command is called.
 */
import type { Text } from '../language/text.ts'
import type { CommandContext } from './context.ts'

/** A word behind the command's name. */
export interface ArgumentDefinition {
  /** As help and errors call it: `FILE`. */
  readonly shown: string
  readonly help: Text
  readonly isOptional?: true
  /** What it can be, where these are few. */
  readonly choices?: readonly string[]
}

/** An option, by its name in the program: `testShare` is `--test-share`. */
export interface OptionDefinition<T = unknown> {
  /** `t` for `-t`. */
  readonly short?: string
  /** What stands behind it: `COLUMN`; absent where nothing does. */
  readonly shown?: string
  readonly help: Text
  /** What it can be, where these are few. */
  readonly choices?: readonly string[]
  /** @throws UsageFailure for what cannot be meant. */
  parse?(text: string, flag: string, before: T | undefined): T
  /** Only for the compiler. */
  readonly gives?: T
}

export interface CommandDefinition<
  A extends Readonly<Record<string, ArgumentDefinition>> = Readonly<Record<string, ArgumentDefinition>>,
  O extends Readonly<Record<string, OptionDefinition>> = Readonly<Record<string, OptionDefinition>>,
> {
  readonly name: string
  readonly summary: Text
  /** Paragraphs below the summary. */
  readonly details?: Text
  readonly arguments: A
  readonly options: O
  /** Whether it writes JSON where `--json` asks for it. */
  readonly hasJson: boolean
  readonly examples: readonly (readonly [command: string, what: Text])[]
}

type GivenArguments<A> = {
  readonly [K in keyof A]: A[K] extends { readonly isOptional: true } ? string | undefined : string
}
type GivenOptions<O> = {
  readonly [K in keyof O]?: O[K] extends OptionDefinition<infer T> ? T : never
}

/** What a command's work is given. */
export type Given<D> =
  D extends CommandDefinition<infer A, infer O> ? GivenArguments<A> & GivenOptions<O> : never

/** A command's work. */
export type Run<D> = (context: CommandContext, given: Given<D>) => Promise<void>

/** A command with where its work is loaded from. */
export interface Command {
  readonly definition: CommandDefinition
  readonly load: () => Promise<{ readonly run: Run<CommandDefinition> }>
}

/** Keeps the types of arguments and options. */
export const defineCommand = <
  const A extends Readonly<Record<string, ArgumentDefinition>>,
  const O extends Readonly<Record<string, OptionDefinition>>,
>(
  definition: CommandDefinition<A, O>,
): CommandDefinition<A, O> => definition

/** `testShare` as `--test-share`. */
export const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
