import { compile, ops, type Tensor, tensor } from 'typegrad/core'
import type { Layer } from 'typegrad/layers'
import type { NetworkRows } from '../features/network-features.ts'
import type { Predictions } from '../scores/metrics.ts'
import { linked, type NetworkLink } from './network-loss.ts'

/** A network for tables: a layer that takes a list of numbers and codes. */
export type TableNetwork = Layer<readonly Tensor[]>

/** Rows that are computed at once: a program is made for each of these sizes that is met. */
const sizes = [1, 16, 128, 1024] as const

/** The next larger size, if not much of it is filled up; else the next smaller one, and the others come after it. */
function sizeFor(rows: number): number {
  const larger = sizes.find((one) => one >= rows) ?? Number.POSITIVE_INFINITY
  return larger <= 2.5 * rows ? larger : (sizes.findLast((one) => one <= rows) as number)
}

/** What several networks of one kind give for rows, as if they were members of one: (rows, members, outputs). */
export const membersOf = (networks: readonly TableNetwork[], inputs: readonly Tensor[]): Tensor =>
  ops.concat(
    networks.map((network) => {
      const made = network.apply(inputs)
      return made.shape.length === 2 ? made.expandDims(1) : made
    }),
    1,
  )

/** What networks predict of rows together, in pieces of few sizes, the last one filled up. */
export class NetworkPredictor {
  readonly #link: NetworkLink
  readonly #run: (inputs: Tensor[]) => Promise<Tensor>

  constructor(networks: readonly TableNetwork[], link: NetworkLink) {
    this.#link = link
    this.#run = compile((inputs: Tensor[]) => membersOf(networks, inputs))
  }

  async predict({ rows, numbers, codes }: NetworkRows): Promise<Predictions> {
    const { outputs } = this.#link
    let all = new Float32Array(0)
    let members = 1
    for (let from = 0; from < rows; ) {
      const left = rows - from
      const size = sizeFor(left)
      const count = Math.min(left, size)
      const part = <T extends Float32Array | Int32Array>(of: T, filled: T): T => {
        const width = of.length / rows
        filled.set(of.subarray(from * width, (from + count) * width))
        return filled
      }
      const inputs = inputsOf(size, {
        rows: size,
        numbers: part(numbers, new Float32Array((numbers.length / rows) * size)),
        codes: part(codes, new Int32Array((codes.length / rows) * size)),
      })
      const made = await (await this.#run(inputs)).data()
      const width = made.length / size
      members = width / outputs
      if (from === 0) all = new Float32Array(rows * width)
      all.set((made as Float32Array).subarray(0, count * width), from * width)
      from += count
    }
    return linked(this.#link, all, members, rows)
  }
}

/** The tensors that a network takes of rows. */
export const inputsOf = (rows: number, { numbers, codes }: NetworkRows): Tensor[] => [
  ...(numbers.length > 0 ? [tensor(numbers, { shape: [rows, numbers.length / rows] })] : []),
  ...(codes.length > 0 ? [tensor(codes, { shape: [rows, codes.length / rows] })] : []),
]
