import { ArgumentError } from 'typegrad/core'
import type { ConfigReader } from '../base/config.ts'

/** How rotary positions reach beyond the context that a model was trained with. */
export type RopeScaling =
  | { readonly type: 'default' }
  /** All frequencies divided: Chen et al. 2023, https://arxiv.org/abs/2306.15595. */
  | { readonly type: 'linear'; readonly factor: number }
  /** A base that grows with the text's length, once that is beyond `positions`: "NTK-aware" scaling. */
  | { readonly type: 'dynamic'; readonly factor: number }
  /** Low frequencies divided, high ones left, between them a mixture: Llama 3.1, https://arxiv.org/abs/2407.21783. */
  | {
      readonly type: 'llama3'
      readonly factor: number
      /** Turns within the original context below which a frequency is low, and from which it is high. */
      readonly lowTurns: number
      readonly highTurns: number
      readonly originalPositions: number
    }
  /** The same by a ramp over the features, and attention made sharper: Peng et al. 2023, https://arxiv.org/abs/2309.00071. */
  | {
      readonly type: 'yarn'
      readonly factor: number
      readonly lowTurns: number
      readonly highTurns: number
      readonly originalPositions: number
      /** What cosines and sines are multiplied with. */
      readonly attentionFactor: number
      /** Whether the ramp begins and ends at whole features. */
      readonly wholeRange: boolean
    }
  /** Each frequency divided by its own factor, by another one in texts beyond the original context: Ding et al. 2024,
   * https://arxiv.org/abs/2402.13753. */
  | {
      readonly type: 'longrope'
      readonly shortFactors: readonly number[]
      readonly longFactors: readonly number[]
      readonly originalPositions: number
      /** What cosines and sines are multiplied with. */
      readonly attentionFactor: number
    }

export interface RopeSettings {
  /** Features of a head. */
  readonly dim: number
  /** The first so many of them are turned: an even number. */
  readonly turned: number
  readonly theta: number
  /** The context that the model is made for. */
  readonly positions: number
  readonly scaling: RopeScaling
}

const types = ['default', 'linear', 'dynamic', 'llama3', 'yarn', 'longrope'] as const

/**
 * What a configuration says of rotary positions: `rope_theta` and `rope_scaling`, or the newer `rope_parameters` with all of
 * it. A scaling that is not known is an error: the model would silently compute something else.
 *
 * @param defaults of the architecture: `share` is that of a head's features that are turned, where that is a choice.
 * @throws FormatError for entries that are none; ArgumentError for an odd number of features.
 */
export function ropeSettings(
  config: ConfigReader,
  dim: number,
  defaults: { readonly theta?: number; readonly share?: number } = {},
): RopeSettings {
  const told = config.within('rope_scaling') ?? config.within('rope_parameters')
  for (const name of ['full_attention', 'sliding_attention'])
    told?.refuse(name, 'one rotation for all layers', () => true)
  const theta = config.number(['rope_theta', 'rotary_emb_base'], defaults.theta ?? 10_000)
  const turned = Math.trunc(dim * shareOf(config, told, defaults.share))
  if (turned % 2 !== 0 || turned < 2 || turned > dim) {
    throw new ArgumentError({
      where: `config.json: ${turned === dim ? 'head_dim' : 'partial_rotary_factor'}`,
      expected: `an even number of features to turn, from 2 to those of a head (${dim})`,
      received: String(turned),
    })
  }
  const positions = config.count('max_position_embeddings')
  return {
    dim,
    turned,
    theta: told?.number('rope_theta', theta) ?? theta,
    positions,
    scaling: told === undefined ? { type: 'default' } : scalingOf(told, config, positions, turned / 2),
  }
}

function shareOf(config: ConfigReader, told: ConfigReader | undefined, share: number | undefined): number {
  const name = 'partial_rotary_factor'
  if (share !== undefined) {
    const outside = config.number([name, 'rotary_pct'], share)
    return told?.number(name, outside) ?? outside
  }
  for (const reader of [config, told]) reader?.refuse(name, '1 in this architecture', (value) => value !== 1)
  return 1
}

function scalingOf(told: ConfigReader, config: ConfigReader, positions: number, pairs: number): RopeScaling {
  const type = told.oneOf(['rope_type', 'type'], types, 'default')
  const before = 'original_max_position_embeddings'
  const originalPositions = config.optionalNumber(before) ?? told.count(before, positions)
  switch (type) {
    case 'default':
      return { type }
    case 'linear':
    case 'dynamic':
      return { type, factor: told.number('factor') }
    case 'llama3': {
      const [lowTurns, highTurns] = [told.number('low_freq_factor'), told.number('high_freq_factor')]
      return { type, factor: told.number('factor'), lowTurns, highTurns, originalPositions }
    }
    case 'yarn': {
      const factor = told.number('factor', positions / originalPositions)
      return {
        type,
        factor,
        lowTurns: told.number('beta_slow', 1),
        highTurns: told.number('beta_fast', 32),
        originalPositions,
        attentionFactor: told.number('attention_factor', yarnAttentionFactor(told, factor)),
        wholeRange: told.boolean('truncate', true),
      }
    }
    case 'longrope': {
      const factor = told.number('factor', positions / originalPositions)
      const grown = Math.log(factor) / Math.log(originalPositions)
      return {
        type,
        shortFactors: factorsOf(told, 'short_factor', pairs),
        longFactors: factorsOf(told, 'long_factor', pairs),
        originalPositions,
        attentionFactor: told.number('attention_factor', factor <= 1 ? 1 : Math.sqrt(1 + grown)),
      }
    }
  }
}

/** A factor of each pair of features. */
function factorsOf(told: ConfigReader, name: string, pairs: number): readonly number[] {
  const factors = told.numbers(name)
  if (factors.length === pairs && factors.every((factor) => factor > 0)) return factors
  throw new ArgumentError({
    where: told.at(name),
    expected: `${pairs} numbers above 0, one for each pair of features that are turned`,
    received: `${factors.length} of ${[...new Set(factors)].slice(0, 4).join(', ')}`,
  })
}

/** 0.1 · ln(factor) + 1 (Peng et al. 2023, equation 22), or the ratio of two such, as DeepSeek has it. */
function yarnAttentionFactor(told: ConfigReader, factor: number): number {
  const sharpened = (share: number) => (factor <= 1 ? 1 : 0.1 * share * Math.log(factor) + 1)
  const [share, ofAll] = [told.optionalNumber('mscale'), told.optionalNumber('mscale_all_dim')]
  return share && ofAll ? sharpened(share) / sharpened(ofAll) : sharpened(1)
}

/**
 * Radians that each pair of features turns from one position to the next: turned / 2 of them, θ^(−2i / turned) where nothing
 * is scaled. Su et al. 2021, https://arxiv.org/abs/2104.09864.
 *
 * They are rounded to float32 at each step, as PyTorch computes them: at position 10,000 their last digit is the third one of
 * the angle, and models were trained with these. What `dynamic` and `longrope` make of them depends on the text's length:
 * these are those of texts within the context.
 */
export function ropeFrequencies({ turned, theta, scaling }: RopeSettings): Float32Array {
  const powers = exponents(turned).map((exponent) => theta ** exponent)
  const plain = powers.map((power) => 1 / power)
  switch (scaling.type) {
    case 'default':
    case 'dynamic':
      return plain
    case 'linear':
      return plain.map((frequency) => frequency / scaling.factor)
    case 'longrope':
      return dividedFrequencies(powers, scaling.shortFactors)
    case 'llama3': {
      const { factor, lowTurns, highTurns, originalPositions } = scaling
      return plain.map((frequency) => {
        const turns = (originalPositions * frequency) / (2 * Math.PI)
        if (turns < lowTurns) return frequency / factor
        if (turns > highTurns) return frequency
        const kept = (turns - lowTurns) / (highTurns - lowTurns)
        return ((1 - kept) * frequency) / factor + kept * frequency
      })
    }
    case 'yarn': {
      const { factor, lowTurns, highTurns, originalPositions, wholeRange } = scaling
      /** The feature pair that makes so many turns within the original context. */
      const pairOf = (turns: number) =>
        (turned * Math.log(originalPositions / (turns * 2 * Math.PI))) / (2 * Math.log(theta))
      const [from, to] = [pairOf(highTurns), pairOf(lowTurns)]
      const low = Math.max(wholeRange ? Math.floor(from) : from, 0)
      const high = Math.min(wholeRange ? Math.ceil(to) : to, turned - 1)
      const width = high === low ? 0.001 : high - low
      return plain.map((frequency, i) => {
        const divided = Math.min(Math.max((i - low) / width, 0), 1)
        return (divided * frequency) / factor + (1 - divided) * frequency
      })
    }
  }
}

/** Those of `longrope` in texts beyond the original context. */
export const longFrequencies = (
  { turned, theta }: RopeSettings,
  longFactors: readonly number[],
): Float32Array =>
  dividedFrequencies(
    exponents(turned).map((exponent) => theta ** exponent),
    longFactors,
  )

const dividedFrequencies = (powers: Float32Array, factors: readonly number[]): Float32Array =>
  powers.map((power, i) => power * Math.fround(factors[i] as number)).map((period) => 1 / period)

/** 2i / turned of each pair i, in float32. */
export const exponents = (turned: number): Float32Array =>
  Float32Array.from({ length: turned / 2 }, (_, i) => (2 * i) / turned)
