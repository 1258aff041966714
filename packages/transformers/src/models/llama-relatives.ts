import type { ConfigReader } from '../base/config.ts'
import { checkLength, type LlamaRelative, windowsByLayerTypes } from './llama-config.ts'

/** Qwen's windows: none, or those of all blocks from one on. */
function qwenWindows(config: ConfigReader, blocks: number): readonly (number | undefined)[] {
  const hasWindows = config.boolean('use_sliding_window', false)
  const size = hasWindows ? config.countOrNull('sliding_window', 4096) : undefined
  const first = config.number('max_window_layers', 28)
  return windowsByLayerTypes(config, blocks, size, (block) => size !== undefined && block >= first)
}

/** SmolLM3's blocks without positions: every fourth, so that texts may be longer (Yang et al. 2025). */
function smolRotary(config: ConfigReader, blocks: number): readonly boolean[] {
  const interval = config.count('no_rope_layer_interval', 4)
  const counted = Array.from({ length: blocks }, (_, block) => Number((block + 1) % interval !== 0))
  const turns = config.numbers('no_rope_layers', counted)
  checkLength('no_rope_layers', turns, blocks)
  return turns.map((turn) => turn !== 0)
}

function smolWindows(config: ConfigReader, blocks: number): readonly (number | undefined)[] {
  const hasWindows = config.boolean('use_sliding_window', false)
  const size = hasWindows ? config.optionalNumber('sliding_window') : undefined
  const turns = smolRotary(config, blocks)
  return windowsByLayerTypes(config, blocks, size, (block) => size !== undefined && !turns[block])
}

/** Llama and the architectures that are made of the same parts. */
export const llamaRelatives: readonly LlamaRelative[] = [
  // Touvron et al. 2023, https://arxiv.org/abs/2302.13971; Llama 3: https://arxiv.org/abs/2407.21783; SmolLM 1 and 2.
  { modelType: 'llama', className: 'Llama' },
  // Jiang et al. 2023, https://arxiv.org/abs/2310.06825.
  {
    modelType: 'mistral',
    className: 'Mistral',
    keyHeads: 8,
    biases: [],
    windows: (config, blocks) => new Array(blocks).fill(config.countOrNull('sliding_window', 4096)),
  },
  // Yang et al. 2024, https://arxiv.org/abs/2407.10671.
  {
    modelType: 'qwen2',
    className: 'Qwen2',
    keyHeads: 32,
    biases: [],
    hasInputBias: true,
    windows: qwenWindows,
  },
  // Yang et al. 2025, https://arxiv.org/abs/2505.09388.
  {
    modelType: 'qwen3',
    className: 'Qwen3',
    keyHeads: 32,
    dim: 128,
    biases: ['attention_bias'],
    normalizesQueries: true,
    windows: qwenWindows,
  },
  // Bakouch et al. 2025, https://huggingface.co/blog/smollm3.
  {
    modelType: 'smollm3',
    className: 'SmolLM3',
    keyHeads: 4,
    theta: 2_000_000,
    isTied: true,
    rotary: smolRotary,
    windows: smolWindows,
  },
  // Gemma Team 2024, https://arxiv.org/abs/2408.00118.
  {
    modelType: 'gemma2',
    className: 'Gemma2',
    keyHeads: 4,
    dim: 256,
    isTied: true,
    biases: ['attention_bias'],
    isGemma: true,
    // Each other block, the first one first.
    windows: (config, blocks) =>
      windowsByLayerTypes(
        config,
        blocks,
        config.countOrNull('sliding_window', 4096),
        (block) => block % 2 === 0,
      ),
  },
]
