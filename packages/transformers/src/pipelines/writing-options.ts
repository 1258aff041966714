import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type Grammar, jsonSchemaGrammar, parseGbnf, regexGrammar } from '../generation/constraints/index.ts'
import { type GenerateOptions, generateChecks } from '../generation/generate-options.ts'
import { type LogitsOptions, logitsChecks } from '../generation/sampling/logits-processors.ts'

/** How a text is written: options of `generateIds`, of the scores, and of the text. */
export interface WritingOptions extends Omit<GenerateOptions, 'after' | 'decoderIds'>, LogitsOptions {
  /** Texts that end an answer; it has none of them. Default none. */
  readonly stop?: readonly string[]
  /** A JSON schema, or a schema of zod, that the answer has to meet. */
  readonly schema?: unknown
  /** A regular expression that the whole answer has to match. */
  readonly regex?: string | RegExp
  /** A grammar that the answer has to follow, in llama.cpp's notation (GBNF). */
  readonly grammar?: string
  /** Whether the model's own tokens, such as the one that begins a text, stand around the prompt. Default true. */
  readonly addSpecialTokens?: boolean
}

const { after: _, decoderIds: __, ...ofGenerate } = generateChecks

export const writingChecks = optionsOf<WritingOptions>()({
  ...ofGenerate,
  ...logitsChecks,
  stop: {
    expected: 'a list of texts of at least one character',
    accepts: (value) =>
      Array.isArray(value) && value.every((text) => typeof text === 'string' && text !== ''),
  },
  schema: checks.anything,
  regex: {
    expected: 'a regular expression',
    accepts: (value) => typeof value === 'string' || value instanceof RegExp,
  },
  grammar: checks.string,
  addSpecialTokens: checks.boolean,
})

/**
 * The language that an answer has to be of; undefined where any will do.
 *
 * @throws ArgumentError for more than one.
 */
export function grammarOf(where: string, { schema, regex, grammar }: WritingOptions): Grammar | undefined {
  const given = Object.entries({ schema, regex, grammar }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  )
  if (given.length > 1) {
    throw new ArgumentError({
      where,
      expected: 'a schema, a regex or a grammar',
      received: given.join(' and '),
    })
  }
  if (schema !== undefined) return jsonSchemaGrammar(schema)
  if (regex !== undefined) return regexGrammar(regex)
  return grammar === undefined ? undefined : parseGbnf(grammar)
}

const logitsNames: ReadonlySet<string> = new Set(Object.keys(logitsChecks))
const textNames: ReadonlySet<string> = new Set(['stop', 'schema', 'regex', 'grammar', 'addSpecialTokens'])

/** Options apart: those of `generateIds`, and those of the scores. */
export function apart(options: WritingOptions): {
  readonly generate: GenerateOptions
  readonly logits: LogitsOptions
} {
  const entries = Object.entries(options)
  return {
    generate: Object.fromEntries(entries.filter(([name]) => !logitsNames.has(name) && !textNames.has(name))),
    logits: Object.fromEntries(entries.filter(([name]) => logitsNames.has(name))),
  }
}
