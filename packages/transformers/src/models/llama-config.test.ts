import { describe, expect, test } from 'vitest'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { type LlamaConfig, type LlamaRelative, llamaConfig } from './llama-config.ts'
import { llamaRelatives } from './llama-relatives.ts'

/** What every configuration has to say. */
const sizes = {
  vocab_size: 10,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  max_position_embeddings: 128,
} as const

const configOf = (modelType: string, entries: RawConfig = {}): LlamaConfig =>
  llamaConfig(
    new ConfigReader({ ...sizes, ...entries }),
    llamaRelatives.find((relative) => relative.modelType === modelType) as LlamaRelative,
  )

const windows = (modelType: string, entries?: RawConfig) =>
  configOf(modelType, entries).blocks.map(({ window }) => window ?? null)

describe('windows of the blocks', () => {
  const table: readonly (readonly [string, RawConfig, readonly (number | null)[]])[] = [
    ['llama', { sliding_window: 5 }, [null, null, null, null]],
    ['mistral', { sliding_window: 5 }, [5, 5, 5, 5]],
    ['mistral', {}, [4096, 4096, 4096, 4096]],
    ['mistral', { sliding_window: null }, [null, null, null, null]],
    ['qwen2', { sliding_window: 5, max_window_layers: 2 }, [null, null, null, null]],
    ['qwen2', { use_sliding_window: true, sliding_window: 5, max_window_layers: 2 }, [null, null, 5, 5]],
    ['qwen3', { use_sliding_window: true, max_window_layers: 0 }, [4096, 4096, 4096, 4096]],
    [
      'qwen3',
      {
        use_sliding_window: true,
        sliding_window: 6,
        layer_types: ['sliding_attention', 'full_attention', 'full_attention', 'sliding_attention'],
      },
      [6, null, null, 6],
    ],
    ['smollm3', { sliding_window: 5 }, [null, null, null, null]],
    ['smollm3', { use_sliding_window: true, sliding_window: 5 }, [null, null, null, 5]],
    ['gemma2', {}, [4096, null, 4096, null]],
    ['gemma2', { sliding_window: 5 }, [5, null, 5, null]],
  ]
  test.each(table)('%s with %j: %j', (modelType, entries, expected) =>
    expect(windows(modelType, entries)).toEqual(expected),
  )
})

describe('what stands for entries that are missing or null', () => {
  test('heads of keys', () => {
    const { num_key_value_heads: _, ...rest } = sizes
    const keyHeads = (modelType: string, entries: RawConfig) =>
      llamaConfig(
        new ConfigReader({ ...rest, ...entries }),
        llamaRelatives.find((relative) => relative.modelType === modelType) as LlamaRelative,
      ).keyHeads
    expect(keyHeads('llama', {})).toBe(8)
    expect(keyHeads('gemma2', {})).toBe(4)
    expect(keyHeads('gemma2', { num_key_value_heads: null })).toBe(8)
  })

  test('features of a head, and what products are multiplied with', () => {
    expect(configOf('llama')).toMatchObject({ dim: 4, scale: 0.5 })
    expect(configOf('llama', { head_dim: 16 })).toMatchObject({ dim: 16, scale: 0.25 })
    expect(configOf('qwen3')).toMatchObject({ dim: 128, scale: 128 ** -0.5 })
    expect(configOf('gemma2')).toMatchObject({ dim: 256, scale: 1 / 16 })
    expect(configOf('gemma2', { query_pre_attn_scalar: 4 }).scale).toBe(0.5)
  })

  test('bounds of scores', () => {
    expect(configOf('gemma2')).toMatchObject({ scoreCap: 50, logitCap: 30 })
    const none = configOf('gemma2', { attn_logit_softcapping: null, final_logit_softcapping: null })
    expect([none.scoreCap, none.logitCap]).toEqual([undefined, undefined])
  })

  test('biases: those of the configuration where the architecture has a choice', () => {
    const asked = { attention_bias: true, mlp_bias: true }
    const of = (input: boolean, output: boolean, feedForward: boolean) => ({ input, output, feedForward })
    expect(configOf('llama').biases).toEqual(of(false, false, false))
    expect(configOf('llama', asked).biases).toEqual(of(true, true, true))
    expect(configOf('mistral', asked).biases).toEqual(of(false, false, false))
    expect(configOf('qwen2').biases).toEqual(of(true, false, false))
    expect(configOf('qwen3', asked).biases).toEqual(of(true, true, false))
  })

  test('blocks with positions', () => {
    const turns = (entries: RawConfig) => configOf('smollm3', entries).blocks.map(({ isRotary }) => isRotary)
    expect(turns({})).toEqual([true, true, true, false])
    expect(turns({ no_rope_layer_interval: 2 })).toEqual([true, false, true, false])
    expect(turns({ no_rope_layers: [0, 1, 1, 0, 1] })).toEqual([false, true, true, false])
    expect(configOf('smollm3').rope.theta).toBe(2_000_000)
  })

  test('classes: those that have names, or two', () => {
    expect(configOf('llama').classifier).toMatchObject({ classes: 2, padding: undefined, dropout: 0.1 })
    const { classifier } = configOf('llama', { id2label: { 0: 'a', 1: 'b', 2: 'c' }, pad_token_id: 7 })
    expect(classifier).toMatchObject({ classes: 3, padding: 7 })
  })
})

describe('refuses', () => {
  const refused: readonly (readonly [string, RawConfig, RegExp])[] = [
    ['llama', { hidden_act: 'gleu' }, /config\.json: hidden_act: expected one of gelu,.*received 'gleu'/],
    ['gemma2', { hidden_activation: 'x' }, /config\.json: hidden_activation/],
    [
      'llama',
      { num_key_value_heads: 3 },
      /num_key_value_heads: expected a divisor of the 8 heads, received 3/,
    ],
    ['llama', { hidden_size: undefined }, /hidden_size: expected a whole number from 1 .*received nothing/],
    ['llama', { head_dim: 3 }, /head_dim: expected an even number of features/],
    ['llama', { rope_scaling: { type: 'su' } }, /rope_scaling: type: expected one of .* received "su"/],
    [
      'qwen2',
      { layer_types: ['full_attention'] },
      /layer_types: expected an entry for each of 4 blocks, received 1/,
    ],
    [
      'qwen3',
      { layer_types: new Array(4).fill('linear_attention') },
      /layer_types: expected 'full_attention' for each block, received 'linear_attention', and no sliding_window/,
    ],
    [
      'qwen3',
      { layer_types: new Array(4).fill('sliding_attention') },
      /received 'sliding_attention', and no/,
    ],
    ['smollm3', { no_rope_layers: [1] }, /no_rope_layers: expected an entry for each of 4 blocks/],
    ['gemma2', { use_bidirectional_attention: true }, /use_bidirectional_attention: expected false/],
  ]
  test.each(refused)('%s with %j', (modelType, entries, message) =>
    expect(() => configOf(modelType, entries)).toThrow(message),
  )
})
