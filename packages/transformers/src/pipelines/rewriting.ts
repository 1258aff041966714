import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { ConfigReader } from '../base/config.ts'
import { longestText, pretrainedOf, type TextParts } from './parts.ts'
import { Writer, type Written } from './writer.ts'
import { type WritingOptions, writingChecks } from './writing-options.ts'

export interface RewritingOptions extends WritingOptions {
  /** Whether texts that are too long are cut off; else they are refused. Default false. */
  readonly truncation?: boolean
}

export interface TranslationOptions extends RewritingOptions {
  /** The language of the texts, as `en`, for models that know several (T5). */
  readonly from?: string
  /** The language that they are translated into, as `de`. */
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
  rewriter(parts, 'summarization', rewritingChecks, () => 'summarization')

/** T5 says what to do with a text by the words in front of it, for each pair of languages its own. */
export function translation(parts: TextParts): Translator {
  const config = new ConfigReader(pretrainedOf(parts.model).config)
  const known = Object.keys(config.within('task_specific_params')?.raw ?? {}).filter((name) =>
    name.startsWith('translation_'),
  )
  return rewriter<TranslationOptions>(parts, 'translation', translationChecks, ({ from, to }) => {
    const asked = from === undefined && to === undefined ? undefined : `translation_${from}_to_${to}`
    if (known.length === 0 && asked === undefined) return 'translation'
    const chosen = asked ?? (known.length === 1 ? known[0] : undefined)
    if (chosen !== undefined && known.includes(chosen)) return chosen
    const pairs = known.map((name) => name.slice('translation_'.length).replace('_to_', ' to ')).join(', ')
    throw new ArgumentError({
      where: 'translation: from, to',
      expected:
        known.length === 0 ? 'neither: this model has one pair of languages' : `languages of: ${pairs}`,
      received: asked === undefined ? 'none' : `${from} to ${to}`,
    })
  })
}

function rewriter<Options extends RewritingOptions>(
  parts: TextParts,
  task: 'translation' | 'summarization',
  optionChecks: Parameters<typeof checkOptions<Options>>[2],
  specific: (options: Partial<Options>) => string,
): Rewriter<Options> {
  const { tokenizer } = parts
  const longest = longestText(parts)
  const writers = new Map<string, Writer>()

  function begun(texts: readonly string[], options: Partial<Options>) {
    const name = specific(options)
    const writer = writers.get(name) ?? new Writer(task, parts, name)
    writers.set(name, writer)
    return { writer, ids: texts.map((text, i) => idsOf(text, i, writer.prefix, options)) }
  }

  function idsOf(text: unknown, i: number, prefix: string, options: Partial<Options>): readonly number[] {
    const { truncation = false, addSpecialTokens = true } = options
    const isText = typeof text === 'string' && text.trim() !== ''
    if (isText) {
      const cut = { truncation, addSpecialTokens, ...(longest !== undefined && { maxLength: longest }) }
      const { ids } = tokenizer.encode(prefix + text, undefined, cut)
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
  const usual = (options: Partial<Options>, writer: Writer): WritingOptions => {
    const own = Object.entries(options).filter(([name]) => !['truncation', 'from', 'to'].includes(name))
    return { ...writer.usual({ maxNewTokens: 256, beams: 4 }), ...Object.fromEntries(own) }
  }

  function call(text: string, options?: Options): Promise<readonly Written[]>
  function call(texts: readonly string[], options?: Options): Promise<readonly (readonly Written[])[]>
  async function call(given: string | readonly string[], options: Partial<Options> = {}): Promise<unknown> {
    checkOptions(task, options, optionChecks)
    const { writer, ids } = begun([given].flat(), options)
    const written = await writer.write(ids, usual(options, writer))
    return typeof given === 'string' ? written[0] : written
  }

  function stream(text: string, options: Partial<Options> = {}): AsyncGenerator<string, void> {
    checkOptions(task, options, optionChecks)
    const { writer, ids } = begun([text], options)
    // A stream cannot take back what a beam gave up.
    return writer.stream(ids[0] as readonly number[], {
      ...usual(options, writer),
      beams: options.beams ?? 1,
    })
  }

  return Object.assign(call, { task, stream, ...parts })
}
