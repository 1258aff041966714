import { optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { runChecks } from './batched.ts'
import { longestText, type TextParts } from './parts.ts'
import type { RunOptions } from './rows.ts'
import { best, type LabelScore, modelLabels, scored, usualFunction } from './scores.ts'
import { type TextPipeline, textPipeline } from './text-pipeline.ts'

/** A text, or two that are judged together, such as a premise and a hypothesis. */
export type TextToClassify = string | { readonly text: string; readonly textPair: string }

export interface TextClassificationOptions extends RunOptions {
  /** How many classes are told, the likeliest first; null for all. Default 1. */
  readonly topK?: number | null
  /**
   * What makes scores of the model's numbers. Default as the model was trained (`problem_type`): nothing for regression,
   * sigmoid for labels that may hold together and for a single one, else softmax.
   */
  readonly functionToApply?: 'none' | 'sigmoid' | 'softmax'
  /** Whether texts that are too long are cut off; else they are refused. Default false. */
  readonly truncation?: boolean
}

const optionChecks = optionsOf<TextClassificationOptions>()({
  topK: checks.orNull(checks.count),
  functionToApply: checks.oneOf('none', 'sigmoid', 'softmax'),
  truncation: checks.boolean,
  ...runChecks,
})

/** Classes of texts: for each text a list, the likeliest first. */
export type TextClassifier = TextPipeline<TextToClassify, TextClassificationOptions, readonly LabelScore[]>

export function textClassification(parts: TextParts): TextClassifier {
  const labels = modelLabels(parts)
  const usual = usualFunction(parts, labels.length)
  const longest = longestText(parts)
  return textPipeline<TextToClassify, TextClassificationOptions, readonly LabelScore[]>({
    task: 'text-classification',
    parts,
    checks: optionChecks,
    expected: 'texts, or { text, textPair },',
    texts(input) {
      return typeof input === 'string' ? [input] : [input.text, input.textPair]
    },
    encode(input, { truncation = false }) {
      const cut = { truncation, ...(longest !== undefined && { maxLength: longest }) }
      const { tokenizer } = parts
      const isText = typeof input === 'string'
      return [
        isText ? tokenizer.encode(input, undefined, cut) : tokenizer.encode(input.text, input.textPair, cut),
      ]
    },
    decode([row], _, { topK = 1, functionToApply = usual }) {
      return best(scored[functionToApply](row?.whole('logits') ?? []), labels, topK)
    },
  })
}
