/**
 * `export/`: networks as files of ONNX, whose inputs and outputs are called what Hugging Face's tools call them. It knows
 * `layers/` and `base/`.
 */
import { type ExportedInput, exportFunction, type SymbolicTensor, type Tensor, type Variable } from 'typegrad'
import { ArgumentError, checkOptions, ops, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import {
  CausalLM,
  EncoderDecoder,
  type Network,
  type NetworkContext,
  type NetworkInput,
  networkInputs,
} from '../layers/network.ts'
import { cacheNames, GivenCache } from './given-cache.ts'

/** What a file computes; see {@link OnnxOptions.form}. */
export type OnnxForm = 'whole' | 'cached' | 'encoder' | 'decoder'

export interface OnnxOptions {
  /**
   * - `'whole'`: all that the network gives of all that it takes.
   * - `'cached'`: a causal language model that goes on where it ended: `past_key_values.{i}.key` and `.value` (batch, heads,
   *   past, dim) become `present.{i}.key` and `.value`, with `attention_mask` over past and new, and `position_ids`. ONNX
   *   Runtime GenAI and transformers.js generate with it.
   * - `'encoder'`, `'decoder'`: the two files of an encoder–decoder, `encoder_model.onnx` and `decoder_model_merged.onnx` of
   *   transformers.js. The decoder's cache has `past_key_values.{i}.decoder.key` and `past_key_values.{i}.encoder.key`.
   *
   * Default `'whole'`.
   */
  readonly form?: OnnxForm
  /** Samples a batch. Default: open, as lengths are. */
  readonly batchSize?: number
}

const onnxChecks = optionsOf<OnnxOptions>()({
  form: checks.oneOf('whole', 'cached', 'encoder', 'decoder'),
  batchSize: checks.count,
})

/** Names of open sizes, as Hugging Face's exporters give them: transformers.js reads `batch_size`. */
const batch = 'batch_size'
const fileNames: Readonly<Record<string, string>> = {
  length: 'sequence_length',
  decoder_length: 'decoder_sequence_length',
}
const [past, added] = ['past_sequence_length', 'sequence_length'] as const
const [read, unread] = ['encoder_past_length', 'encoder_new_length'] as const

/** Ids are int64 in files: that is what tokenizers of other programs give. */
const declared = ({ name, dtype, shape, batch: samples = batch }: NetworkInput): [string, ExportedInput] => [
  name,
  {
    dtype: dtype === 'int32' ? 'int64' : dtype,
    shape: [samples, ...shape.map((size) => (typeof size === 'string' ? (fileNames[size] ?? size) : size))],
  },
]

type Given = Readonly<Record<string, Tensor>>

/** An input as the network takes it. */
const own = (given: Given, { name, dtype }: NetworkInput): Tensor => (given[name] as Tensor).cast(dtype)

/** What a call is told, of inputs beside the first. */
function contextOf(takes: readonly NetworkInput[], given: Given): NetworkContext {
  const told = takes.flatMap((taken) =>
    taken.option === undefined ? [] : [[taken.option, own(given, taken)] as const],
  )
  return { ...Object.fromEntries(told), training: false }
}

interface Form {
  readonly inputs: Readonly<Record<string, ExportedInput>>
  readonly call: (given: Given) => Readonly<Record<string, Tensor>>
}

const whole = (network: Network): Form => {
  const [first] = network.takes as [NetworkInput]
  return {
    inputs: Object.fromEntries(network.takes.map(declared)),
    call: (given) => network.outputs(own(given, first), contextOf(network.takes, given)),
  }
}

const floats = (...shape: (number | string)[]): ExportedInput => ({ dtype: 'float32', shape })
const ids = (...shape: string[]): ExportedInput => ({ dtype: 'int64', shape })
const positionIds: NetworkInput = { ...networkInputs.inputIds, name: 'position_ids', option: 'positionIds' }

const each = <T>(names: readonly string[], value: (i: number) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(names.map((name, i) => [name, value(i)]))

const cached = (network: CausalLM): Form => {
  const { cacheSizes } = network
  const names = cacheNames('past_key_values', cacheSizes)
  return {
    inputs: {
      input_ids: ids(batch, added),
      attention_mask: ids(batch, `${past} + ${added}`),
      position_ids: ids(batch, added),
      ...each(names, () => floats(batch, cacheSizes.keyHeads, past, cacheSizes.dim)),
    },
    call: (given) => {
      const cache = new GivenCache(names.map((name) => given[name] as Tensor))
      const told = contextOf([networkInputs.attentionMask, positionIds], given)
      const { logits } = network.outputs(own(given, networkInputs.inputIds), { ...told, cache })
      return {
        logits: logits as Tensor,
        ...each(cacheNames('present', cacheSizes), (i) => cache.present[i]),
      }
    },
  }
}

const encoder = (network: EncoderDecoder): Form => {
  const takes = network.takes.filter(({ option }) => option !== 'decoderInputIds')
  const [first] = takes as [NetworkInput]
  return {
    inputs: Object.fromEntries(takes.map(declared)),
    call: (given) => ({ last_hidden_state: network.encode(own(given, first), contextOf(takes, given)) }),
  }
}

/**
 * A step of an encoder–decoder, and its first one, in one graph without branches: keys and values over the encoder's
 * positions are made of those that the cache does not have yet, which are all in the first step and none later.
 *
 * @param width of the encoder's states.
 */
const decoder = (network: EncoderDecoder, width: number): Form => {
  const { cacheSizes } = network
  const { keyHeads, dim } = cacheSizes
  const [ownPast, pastAcross] = [
    cacheNames('past_key_values', cacheSizes, '.decoder'),
    cacheNames('past_key_values', cacheSizes, '.encoder'),
  ]
  const hasMask = network.takes.some(({ option }) => option === 'attentionMask')
  const length = `${read} + ${unread}`
  return {
    inputs: {
      input_ids: ids(batch, added),
      encoder_hidden_states: floats(batch, length, width),
      ...(hasMask && { encoder_attention_mask: ids(batch, length) }),
      ...each(ownPast, () => floats(batch, keyHeads, past, dim)),
      ...each(pastAcross, () => floats(batch, keyHeads, read, dim)),
    },
    call: (given) => {
      const tensors = (names: readonly string[]) => names.map((name) => given[name] as Tensor)
      const cache = new GivenCache(tensors(ownPast), tensors(pastAcross))
      const states = given.encoder_hidden_states as Tensor
      const met = given[pastAcross[0] ?? '']?.shape[2] ?? 0
      const encoderMask = given.encoder_attention_mask?.cast('int32')
      const decoded = network.decode((given.input_ids as Tensor).cast('int32'), {
        encoderStates: ops.slice(states, [0, met], [-1, -1]),
        ...(encoderMask !== undefined && { encoderMask }),
        cache,
        training: false,
      })
      return {
        logits: network.head(decoded),
        ...each(cacheNames('present', cacheSizes, '.decoder'), (i) => cache.present[i]),
        ...each(cacheNames('present', cacheSizes, '.encoder'), (i) => cache.presentAcross[i]),
      }
    },
  }
}

/** What is exported of a model. */
interface Exported {
  readonly network: Network
  readonly weights: readonly Variable[]
  /** The places of the network's outputs. */
  readonly output: Readonly<Record<string, SymbolicTensor>>
}

/** As `PretrainedModel.toOnnx` says. */
export async function networkToOnnx(model: Exported, options: OnnxOptions): Promise<Uint8Array> {
  checkOptions('toOnnx', options, onnxChecks)
  const { form = 'whole', batchSize } = options
  const { inputs, call } = formOf(model, form)
  const sized = ({ dtype, shape }: ExportedInput): ExportedInput => ({
    dtype,
    shape: batchSize === undefined ? shape : shape.with(0, batchSize),
  })
  return await exportFunction({
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, sized(input)])),
    weights: model.weights,
    call,
  })
}

function formOf(model: Exported, form: OnnxForm): Form {
  const { network } = model
  if (form === 'whole') return whole(network)
  if (form === 'cached' && network instanceof CausalLM) return cached(network)
  if (form === 'encoder' && network instanceof EncoderDecoder) return encoder(network)
  if (form === 'decoder' && network instanceof EncoderDecoder) return decoder(network, widthOf(model))
  const forms: readonly OnnxForm[] = formsOf(network)
  throw new ArgumentError({
    where: `toOnnx: form`,
    expected: `a form that ${network.className} has: ${forms.map((one) => `'${one}'`).join(' or ')}`,
    received: `'${form}'`,
  })
}

/** The forms that a network has, the one for generating last. */
const formsOf = (network: Network): readonly OnnxForm[] => {
  if (network instanceof CausalLM) return ['whole', 'cached']
  return network instanceof EncoderDecoder ? ['whole', 'encoder', 'decoder'] : ['whole']
}

/** Of an encoder's states. */
function widthOf({ output }: Exported): number {
  const states = output.encoder_last_hidden_state?.shape.at(-1)
  return states as number
}

/** Where transformers.js looks for the files of a network, and their forms. */
export function onnxFiles(network: Network): readonly (readonly [path: string, form: OnnxForm])[] {
  if (network instanceof CausalLM) return [['onnx/model.onnx', 'cached']]
  if (network instanceof EncoderDecoder) {
    return [
      ['onnx/encoder_model.onnx', 'encoder'],
      ['onnx/decoder_model_merged.onnx', 'decoder'],
    ]
  }
  return [['onnx/model.onnx', 'whole']]
}
