import { compile, evaluateAll, ops, type Tensor, tensor, type VariablePacking, zeros } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { CausalLM, EncoderDecoder } from '../layers/network.ts'
import { CacheMemory, KeptStates, traceMove } from './cache-memory.ts'
import { type Encoded, Sequences } from './sequences.ts'
import { type StepInputs, traceEncode, traceStep } from './step.ts'

/** What generates: a model, or its network alone. */
export type GenerationModel = PretrainedModel | CausalLM | EncoderDecoder

interface MoveInputs {
  readonly parents?: Tensor
  readonly shifts?: Tensor
}

/**
 * How many tokens a step reads: a long prompt's, a short one's, those of a draft that is checked, one. Each is a program of
 * its own for each memory. 512 tokens take 1.25 s in chunks of 128 where they take 2.3 in chunks of 32 (GPT-2 124M, 2 cores
 * with AVX2); ten tokens take half as long in one of 32.
 */
export const chunks = { long: 128, short: 32, draft: 8, token: 1 } as const

/** The least memory that is read into by long chunks: in a smaller one they would be a program for one of them. */
const leastForLong = 2 * chunks.long

/** The least room of a memory. It doubles from there: each size is two programs. */
const leastCapacity = 128

/** Memories that are kept. Those used longest ago go first. */
const mostMemories = 16

const whole = (value: number): Tensor => tensor(value, { dtype: 'int32' })

/** (rows, 1) */
const column = (values: readonly number[]): Tensor =>
  tensor([...values], { dtype: 'int32', shape: [values.length, 1] })

/**
 * What generation has of a network: compiled steps that read tokens into a memory and score what comes next.
 *
 * Sequences of several lengths begin with padding, so that the tokens of a step stand at one place of the memory. It is
 * exact: padding is masked, each row's tokens are told their own positions, and distances within a row are what they are
 * alone. The last chunk of a prompt is filled up behind: nothing sees what stands after itself, and the next step writes
 * over it.
 */
export class Decoder {
  readonly network: CausalLM | EncoderDecoder
  readonly #memories = new Map<string, CacheMemory>()
  readonly #step
  readonly #move
  readonly #encode
  /** Whether some weights are of few bits, so that products have to keep them packed. */
  readonly isQuantized: boolean
  #words: number | undefined
  /** The last of the calls that take turns. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(model: GenerationModel) {
    this.network = networkOf(model)
    this.isQuantized = isQuantized(this.network)
    const engine = () => (model instanceof PretrainedModel ? model.engine : undefined)
    // Products of few rows read weights of float32 where they stand, which is no slower: packed, they would be there twice.
    const packsWeights = this.isQuantized && 'at once'
    this.#step = compile(
      (memory: CacheMemory, inputs: StepInputs) => traceStep(this.network, memory, inputs),
      { packsWeights, engine },
    )
    this.#move = compile(
      (from: CacheMemory, to: CacheMemory, { parents, shifts }: MoveInputs) =>
        traceMove(from, to, parents, shifts),
      { engine },
    )
    this.#encode = compile(
      (x: Tensor, { mask }: { mask?: Tensor }) => traceEncode(this.network as EncoderDecoder, x, mask),
      { packsWeights: packsWeights || true, engine },
    )
  }

  /**
   * How many words the network scores: its head's shape tells, without a run.
   *
   * @param x an input of the encoder, where there is one that does not take ids.
   */
  words(x: Tensor = zeros([1, 1], { dtype: 'int32' })): number {
    this.#words ??= headOf(this.network, x).shape.at(-1) as number
    return this.#words
  }

  /** Whether a draft can be checked at once behind so many positions. */
  hasRoomForDraft(length: number): boolean {
    return this.#front + length + chunks.draft <= this.#roof
  }

  /** The most positions that a memory has room for. */
  get #roof(): number {
    return capacityFor(this.#front + this.network.maxPositions)
  }

  /** How many vectors stand in front of each text: they are read with its first tokens, and sequences do not count them. */
  get #front(): number {
    return this.network instanceof CausalLM ? this.network.vectorsInFront : 0
  }

  /**
   * Sequences of which nothing has been read yet.
   *
   * @param pads how many positions are padding at the beginning of each row.
   */
  begin(pads: readonly number[], encoded?: Encoded): Sequences {
    return new Sequences(new KeptStates(this.#memory(pads.length, leastCapacity)), 0, pads, encoded)
  }

  /** What an encoder makes of its input, for as many sequences. */
  async encode(x: Tensor, mask?: Tensor): Promise<Encoded> {
    const { states, cross } = await this.#encode(x, { ...(mask !== undefined && { mask }) })
    return { states, cross, ...(mask !== undefined && { mask }) }
  }

  /**
   * Reads tokens behind what has been read, and scores what comes next.
   *
   * @param ids as many for each row.
   * @returns for each row: (words).
   */
  async read(sequences: Sequences, ids: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const isFirst = sequences.length === 0
    const begin = isFirst ? 0 : this.#front + sequences.length
    const rows = isFirst ? ids.map((row, i) => this.#behindVectors(row, sequences.pads[i] as number)) : ids
    const count = rows[0]?.length ?? 0
    let scores: Float32Array[] = []
    for (let done = 0; done < count; ) {
      const at = begin + done
      const least = count === 1 ? chunks.token : chunks.short
      await this.#makeRoom(sequences, at, Math.max(Math.min(at + least, this.#roof), begin + count))
      const width = widthOf(count, at, sequences.states.memory.capacity)
      const part = rows.map((row) => row.slice(done, done + width))
      scores = await this.#run(sequences, at, part, width, 'last')
      done += Math.min(width, count - done)
      sequences.length = Math.max(0, begin + done - this.#front)
    }
    return scores
  }

  /** A text's first tokens with what stands in front of them, behind the padding. */
  #behindVectors(row: readonly number[], pads: number): readonly number[] {
    if (this.#front === 0) return row
    const vectors = Array.from({ length: this.#front }, (_, i) => -1 - i)
    return [...row.slice(0, pads), ...vectors, ...row.slice(pads)]
  }

  /**
   * Reads a few tokens of one sequence, and scores what comes behind each of them.
   *
   * @param ids {@link chunks}.draft at most, where {@link hasRoomForDraft}.
   * @returns for each token: (words).
   */
  async readEach(sequences: Sequences, ids: readonly number[]): Promise<Float32Array[]> {
    const at = this.#front + sequences.length
    await this.#makeRoom(sequences, at, at + chunks.draft)
    const [all = new Float32Array()] = await this.#run(sequences, at, [ids], chunks.draft, 'each')
    sequences.length += ids.length
    const words = all.length / chunks.draft
    return ids.map((_, i) => all.subarray(i * words, (i + 1) * words))
  }

  /**
   * Makes each row the continuation of one of the rows.
   *
   * @param shifts how many positions later each begins: what has been read reaches as far as before, so that a row that
   * begins later has lost its end. Vectors in front that would be lost are read once more, with all of the text.
   */
  async rearrange(
    sequences: Sequences,
    parents: readonly number[],
    shifts?: readonly number[],
  ): Promise<void> {
    const { states, pads, encoded } = sequences
    const { rows, capacity } = states.memory
    const isMoved = shifts?.some((shift) => shift > 0) === true
    if (!isMoved && parents.length === rows && parents.every((parent, row) => parent === row)) return
    const chosen = tensor([...parents], { dtype: 'int32' })
    await this.#moveTo(sequences, this.#memory(parents.length, capacity), {
      parents: chosen,
      ...(isMoved && { shifts: column(shifts) }),
    })
    sequences.pads = parents.map((parent) => pads[parent] as number)
    if (this.#front > 0 && shifts?.some((shift) => shift > sequences.length)) sequences.length = 0
    // Rows that are exchanged are of one prompt.
    if (encoded !== undefined && parents.length !== rows) sequences.encoded = await rowsOf(encoded, chosen)
  }

  /** @param read how many positions of the memory are taken. */
  async #makeRoom(sequences: Sequences, read: number, positions: number): Promise<void> {
    const { rows, capacity } = sequences.states.memory
    if (positions <= capacity) return
    const larger = this.#memory(rows, capacityFor(positions))
    // There is nothing to be moved before the first token.
    if (read === 0) sequences.states.beginIn(larger)
    else await this.#moveTo(sequences, larger, {})
  }

  /** What a step makes of each variable: weights are packed, what is kept of the tokens is an input. */
  packing(): VariablePacking[] {
    return this.#step.packing()
  }

  #moveTo(sequences: Sequences, to: CacheMemory, how: MoveInputs): Promise<void> {
    const { states } = sequences
    return this.#inTurn(async () => {
      states.enter()
      // What others have there must not be written over.
      if (states.memory !== to) to.tenant?.deref()?.leave()
      await this.#move(states.memory, to, how)
      states.moveTo(to)
    })
  }

  /** @param at the first token's place in the memory. */
  #run(
    { states, pads, encoded }: Sequences,
    at: number,
    ids: readonly (readonly number[])[],
    width: number,
    wanted: 'last' | 'each',
  ): Promise<Float32Array[]> {
    const rows = ids.length
    const filled = new Int32Array(rows * width)
    for (const [row, tokens] of ids.entries()) filled.set(tokens, row * width)
    const inputs: StepInputs = {
      ids: tensor(filled, { dtype: 'int32', shape: [rows, width] }),
      offset: whole(at),
      ...(wanted === 'last' && width > 1 && { last: whole((ids[0]?.length ?? 1) - 1) }),
      // One row alone never begins with padding.
      ...(rows > 1 && { pads: column(pads) }),
      ...(encoded !== undefined && { encoded }),
    }
    return this.#inTurn(async () => {
      states.enter()
      const logits = await this.#step(states.memory, inputs)
      states.wrote()
      const data = (await logits.data()) as Float32Array
      const each = data.length / rows
      return Array.from({ length: rows }, (_, row) => data.subarray(row * each, (row + 1) * each))
    })
  }

  /** A memory is one call's at a time: sequences would take it from each other while a program is compiled. */
  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(call)
    this.#turn = result.catch(() => {})
    return result
  }

  #memory(rows: number, capacity: number): CacheMemory {
    const key = `${rows} × ${capacity}`
    const memory = this.#memories.get(key) ?? new CacheMemory(this.network.cacheSizes, rows, capacity)
    this.#memories.delete(key)
    this.#memories.set(key, memory)
    for (const [oldest] of this.#memories) {
      if (this.#memories.size <= mostMemories) break
      this.#memories.delete(oldest)
    }
    return memory
  }
}

/**
 * How many of `count` tokens are read at once behind so many positions. At the very end of the context there may be no room
 * to fill a chunk up.
 */
function widthOf(count: number, length: number, capacity: number): number {
  const { long, short, token } = chunks
  if (count === 1) return token
  if (count > short && capacity >= leastForLong && length + long <= capacity) return long
  return length + short <= capacity ? short : token
}

/** Whether a network keeps some weights in few bits. */
const isQuantized = ({ weights }: CausalLM | EncoderDecoder): boolean =>
  weights.some(({ dtype }) => dtype === 'uint8')

/** The room for so many positions: a power of two. */
export function capacityFor(positions: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(positions, leastCapacity)))
}

/** An encoder's output for chosen rows. */
async function rowsOf({ states, mask, cross }: Encoded, rows: Tensor): Promise<Encoded> {
  const chosen = (x: Tensor): Tensor => ops.gather(x, rows, 0)
  const made = {
    states: chosen(states),
    cross: cross.map(chosen),
    ...(mask !== undefined && { mask: chosen(mask) }),
  }
  await evaluateAll([made.states, ...made.cross, ...(made.mask === undefined ? [] : [made.mask])])
  return made
}

function networkOf(model: GenerationModel): CausalLM | EncoderDecoder {
  const network = model instanceof PretrainedModel ? (model.network.generator ?? model.network) : model
  if (network instanceof CausalLM || network instanceof EncoderDecoder) return network
  throw new ArgumentError({
    where: 'generation',
    expected: 'a network that writes: a causal language model or an encoder–decoder',
    received: network.className,
    fix: "Load it with the head that scores words: fromPretrained(folder, { className: 'GPT2LMHeadModel' }).",
  })
}

/** Scores of one word that nothing has computed. */
function headOf(network: CausalLM | EncoderDecoder, x: Tensor): Tensor {
  const id = zeros([1, 1], { dtype: 'int32' })
  if (network instanceof CausalLM) return network.head(network.features(id, { training: false }))
  const encoderStates = network.encode(x, { training: false })
  return network.head(network.decode(id, { training: false, encoderStates }))
}

const decoders = new WeakMap<object, Decoder>()

/** The decoder of a model, the same each time until its weights are brought into few bits. */
export function decoderOf(model: GenerationModel): Decoder {
  const known = decoders.get(model)
  if (known?.isQuantized === isQuantized(networkOf(model))) return known
  const made = new Decoder(model)
  decoders.set(model, made)
  return made
}
