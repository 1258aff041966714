import type { Variable } from 'typegrad'
import type { AnyLayer } from 'typegrad/layers'
import { type NamedWeight, namedWeights, readOf } from '../checkpoint/names.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { MaskedLM } from '../layers/encoder-heads.ts'
import { CausalLM, EncoderDecoderBody } from '../layers/network.ts'

/** What adapters know of a weight's layer: how its product reads the kernel. */
export type ModuleKind = 'dense' | 'embedding' | 'convolution'

/** A layer with a kernel, as PyTorch has a module for it. */
export interface ModelModule {
  /** As checkpoints call it: `bert.encoder.layer.0.attention.self.query`. */
  readonly name: string
  /** All names that it goes by: that, and what transformers from version 5 on call it. */
  readonly names: readonly string[]
  readonly kind: ModuleKind
  /** The layer in which typegrad has it. */
  readonly layer: AnyLayer
  readonly kernel: NamedWeight
  /** The kernel as the layer reads it, whatever computes it. */
  readonly read: Variable
  readonly bias: NamedWeight | undefined
  /** Scores of words, which `'all-linear'` leaves out. */
  readonly isHead: boolean
  /** A table that words are embedded by at several places, or scored by too. */
  readonly isTied: boolean
}

const kinds: Readonly<Record<string, readonly [ModuleKind, string]>> = {
  Dense: ['dense', 'kernel'],
  Embedding: ['embedding', 'embeddings'],
  ReversibleEmbedding: ['embedding', 'embeddings'],
  Conv1D: ['convolution', 'kernel'],
  Conv2D: ['convolution', 'kernel'],
}

const headNames = /(^|\.)(lm_head|embed_out|cls\.predictions\.decoder)$/

/** The modules of a model that adapters can be for, in the order of its weights. */
export function modulesOf(model: PretrainedModel): readonly ModelModule[] {
  const weights = namedWeights(model.network, model.architecture.checkpoint)
  const byLayer = new Map<AnyLayer, NamedWeight[]>()
  for (const weight of weights) byLayer.set(weight.layer, [...(byLayer.get(weight.layer) ?? []), weight])
  const isTied = hasTiedTable(model, weights)
  return [...byLayer].flatMap(([layer, own]): ModelModule[] => {
    const [kind, kernelName] = kinds[layer.className] ?? []
    const kernel = own.find(({ path }) => path.endsWith(`/${kernelName}`))
    if (kind === undefined || kernel === undefined || !kernel.name.endsWith('.weight')) return []
    const name = kernel.name.slice(0, -'.weight'.length)
    return [
      {
        ...{ name, kind, layer, kernel },
        read: readOf(kernel),
        names: namesOf(model, name),
        bias: own.find(({ path }) => path.endsWith('/bias')),
        isHead: headNames.test(name),
        isTied: isTied && layer.className === 'ReversibleEmbedding',
      },
    ]
  })
}

/** A name of a checkpoint, and the one that transformers from version 5 on have for it, where that is another. */
export function namesOf({ architecture }: PretrainedModel, name: string): readonly string[] {
  const { renamed = [] } = architecture.checkpoint
  const live = renamed.reduce((now, [from, to]) => now.replace(from, to), name)
  return live === name ? [name] : [name, live]
}

/** Whether a table of words is more than what words are looked up in. */
function hasTiedTable({ network }: PretrainedModel, weights: readonly NamedWeight[]): boolean {
  if (network instanceof EncoderDecoderBody) return true
  const scores = network instanceof CausalLM || network instanceof MaskedLM
  return scores && !weights.some(({ name }) => headNames.test(name.replace(/\.weight$/, '')))
}
