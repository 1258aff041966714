import { readFileSync, rmSync } from 'node:fs'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { GenerateOptions } from '../generation/generate-options.ts'
import { type GoldenModel, goldenFolder } from './golden.ts'

/** One call of Hugging Face's `generate`, from `make_transformers_generation.py`. */
export interface GenerationCase {
  readonly prompts: readonly (readonly number[])[]
  readonly stop: readonly number[]
  readonly options: {
    readonly max_new_tokens: number
    readonly num_beams?: number
    readonly num_return_sequences?: number
    readonly length_penalty?: number
    readonly early_stopping?: boolean | 'never'
  }
  /** Answers without their prompts: (prompts, sequences, tokens). */
  readonly answers: readonly (readonly (readonly number[])[])[]
  /** Of beams, a number for each answer. */
  readonly scores?: readonly number[]
  /** Of chosen tokens, a list for each prompt. */
  readonly logProbs?: readonly (readonly number[])[]
}

interface GoldenGeneration extends Pick<GoldenModel, 'config' | 'weights'> {
  readonly cases: readonly GenerationCase[]
}

export function readGeneration(file: string): GoldenGeneration {
  return JSON.parse(readFileSync(new URL(`../../golden/${file}.json`, import.meta.url), 'utf8'))
}

/** The small model that the answers are of. */
export async function generationModel(file: string): Promise<PretrainedModel> {
  const folder = goldenFolder(readGeneration(file))
  try {
    return await fromPretrained(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The options of a call as this package has them. */
export function optionsOf({ stop, options }: GenerationCase): GenerateOptions {
  const { max_new_tokens, num_beams, num_return_sequences, length_penalty, early_stopping } = options
  return {
    maxNewTokens: max_new_tokens,
    stopIds: stop,
    logProbs: true,
    ...(num_beams !== undefined && { beams: num_beams }),
    ...(num_return_sequences !== undefined && { sequences: num_return_sequences }),
    ...(length_penalty !== undefined && { lengthPenalty: length_penalty }),
    ...(early_stopping !== undefined && { earlyStopping: early_stopping }),
  }
}
