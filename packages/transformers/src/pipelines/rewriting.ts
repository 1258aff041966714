import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { longestText, type TextParts } from './parts.ts'
import { type Instruction, translationInstructions } from './translation-languages.ts'
import { Writer, type Written } from './writer.ts'
import { type WritingOptions, writingChecks } from './writing-options.ts'

export interface RewritingOptions extends WritingOptions {
  /** Whether texts that are too long are cut off; else they are refused. Default false. */
  readonly truncation?: boolean
}

export interface TranslationOptions extends RewritingOptions {
  /**
   * The language of the texts, for models that know several: `en` for T5, `en_XX` for mBART. Default: that of the model's
   * one pair.
   */
  readonly from?: string
  /** The language that they are translated into: `de` for T5, `de_DE` for mBART. Default: that of the model's one pair. */
  readonly to?: string
}

const rewritingChecks = optionsOf<RewritingOptions>()({ ...writingChecks, truncation: checks.boolean })
const translationChecks = optionsOf<TranslationOptions>()({
  ...rewritingChecks,
  from: checks.string,
  to: checks.string,
})

/** Writes a text anew: for each text its answers, one or as many as `sequences` asks for. */
export interface Rewriter<Options extends RewritingOptions> extends TextParts {
  (text: string, options?: Options): Promise<readonly Written[]>
  (texts: readonly string[], options?: Options): Promise<readonly (readonly Written[])[]>
  /** The text as it comes. */
  stream(text: string, options?: Options): AsyncGenerator<string, void>
  readonly task: 'translation' | 'summarization'
}

export type Translator = Rewriter<TranslationOptions>
export type Summarizer = Rewriter<RewritingOptions>

export const summarization = (parts: TextParts): Summarizer =>
  rewriter(parts, 'summarization', rewritingChecks, () => ({ task: 'summarization' }))

export function translation(parts: TextParts): Translator {
  const instructionOf = translationInstructions(parts)
  return rewriter<TranslationOptions>(parts, 'translation', translationChecks, instructionOf)
}

function rewriter<Options extends RewritingOptions>(
  parts: TextParts,
  task: 'translation' | 'summarization',
  optionChecks: Parameters<typeof checkOptions<Options>>[2],
  instructionOf: (options: Partial<Options>) => Instruction,
): Rewriter<Options> {
  const { tokenizer } = parts
  const longest = longestText(parts)
  const writers = new Map<string, Writer>()

  function begun(texts: readonly string[], options: Partial<Options>) {
    const instruction = instructionOf(options)
    const writer = writers.get(instruction.task) ?? new Writer(task, parts, instruction.task)
    writers.set(instruction.task, writer)
    const ids = texts.map((text, i) => idsOf(text, i, writer.prefix, instruction, options))
    return { writer, ids, writing: usual(options, writer, instruction) }
  }

  function idsOf(
    text: unknown,
    i: number,
    prefix: string,
    { around }: Instruction,
    options: Partial<Options>,
  ): readonly number[] {
    const { truncation = false, addSpecialTokens = true } = options
    const isText = typeof text === 'string' && text.trim() !== ''
    if (isText) {
      const { before, after } = (addSpecialTokens ? around : undefined) ?? { before: [], after: [] }
      const cut = {
        truncation,
        addSpecialTokens: addSpecialTokens && around === undefined,
        ...(longest !== undefined && { maxLength: longest - before.length - after.length }),
      }
      const ids = [...before, ...tokenizer.encode(prefix + text, undefined, cut).ids, ...after]
      if (ids.length <= (longest ?? ids.length)) return ids
      throw new ArgumentError({
        where: task,
        expected: `texts of at most ${longest} tokens`,
        received: `text ${i} of ${ids.length}`,
        fix: 'Cut it off with truncation: true, which loses its end, or into parts.',
      })
    }
    throw new ArgumentError({
      where: task,
      expected: 'texts',
      received: `text ${i}: ${JSON.stringify(text)}`,
    })
  }

  /** What Python's pipelines do where nothing is advised. */
  const usual = (options: Partial<Options>, writer: Writer, { firstToken }: Instruction): WritingOptions => {
    const own = Object.entries(options).filter(([name]) => !['truncation', 'from', 'to'].includes(name))
    return {
      ...writer.usual({ maxNewTokens: 256, beams: 4 }),
      ...(firstToken !== undefined && { forcedBosTokenId: firstToken }),
      ...Object.fromEntries(own),
    }
  }

  function call(text: string, options?: Options): Promise<readonly Written[]>
  function call(texts: readonly string[], options?: Options): Promise<readonly (readonly Written[])[]>
  async function call(given: string | readonly string[], options: Partial<Options> = {}): Promise<unknown> {
    checkOptions(task, options, optionChecks)
    const { writer, ids, writing } = begun([given].flat(), options)
    const written = await writer.write(ids, writing)
    return typeof given === 'string' ? written[0] : written
  }

  function stream(text: string, options: Partial<Options> = {}): AsyncGenerator<string, void> {
    checkOptions(task, options, optionChecks)
    const { writer, ids, writing } = begun([text], options)
    // A stream cannot take back what a beam gave up.
    return writer.stream(ids[0] as readonly number[], { ...writing, beams: options.beams ?? 1 })
  }

  return Object.assign(call, { task, stream, ...parts })
}
