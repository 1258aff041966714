import { DataError } from '../../base/errors.ts'
import { sizeOf } from '../../base/shape.ts'
import { Pacer } from '../../base/turn.ts'
import { unwrittenArray } from '../../base/unwritten.ts'
import { fromData, type Tensor } from '../../tensor/tensor.ts'
import { type ArrayData, gatherRows, type HostArray, rowsOf, toHostArray } from '../host-array.ts'
import { InnerStage, type Reader, type Stage, type StageState } from './stage.ts'

/**
 * Rows of arrays in memory. What changes nothing but their order works on their positions, and a batch copies the
 * rows it wants in one go: samples that no stage looks at one by one are never made.
 */
export class RowStage implements Stage<Tensor[]> {
  readonly positions: Stage<number>
  readonly #arrays: () => Promise<readonly HostArray[]>

  constructor(positions: Stage<number>, arrays: () => Promise<readonly HostArray[]>) {
    this.positions = positions
    this.#arrays = arrays
  }

  /** The same rows in another order. */
  reordered(order: (positions: Stage<number>) => Stage<number>): RowStage {
    return new RowStage(order(this.positions), this.#arrays)
  }

  /** The rows at these positions, each array's as one tensor. */
  async gather(positions: readonly number[]): Promise<Tensor[]> {
    return (await this.#arrays()).map((array) => {
      const { shape, dtype } = array
      const data = unwrittenArray(dtype, positions.length * sizeOf(shape.slice(1)))
      gatherRows(array, positions, 0, positions.length, data)
      return fromData(data, [positions.length, ...shape.slice(1)], dtype)
    })
  }

  open(skipped: number): Reader<Tensor[]> {
    const positions = this.positions.open(skipped)
    return {
      read: async (count) => {
        const next = await positions.read(count)
        const arrays = await this.#arrays()
        return next.map((position) => arrays.map((array) => rowOf(array, position)))
      },
      close: () => positions.close(),
    }
  }

  // What is known of the order is all that is known.

  state(): StageState {
    return this.positions.state()
  }

  withLengths(state: StageState): StageState {
    return this.positions.withLengths(state)
  }

  restore(state: StageState): void {
    this.positions.restore(state)
  }

  advance(readings: number): void {
    this.positions.advance(readings)
  }
}

/** The rows of arrays of one length, in their own order. */
export function rows(arrays: readonly ArrayData[]): RowStage {
  let read: Promise<readonly HostArray[]> | undefined
  const hosts = (): Promise<readonly HostArray[]> => {
    read ??= readAll(arrays)
    return read
  }
  const positions = new InnerStage<number>([], (skipped) => {
    let at = skipped
    return {
      async read(count) {
        const samples = (await hosts())[0]?.shape[0] ?? 0
        const pacer = new Pacer()
        const stop = Math.min(at + count, samples)
        const next: number[] = []
        for (; at < stop; at++) {
          next.push(at)
          if (at % stride === 0 && pacer.due()) await pacer.turn()
        }
        return next
      },
      async close() {},
    }
  })
  return new RowStage(positions, hosts)
}

/** Positions between two looks at the clock. */
const stride = 1 << 15

async function readAll(arrays: readonly ArrayData[]): Promise<readonly HostArray[]> {
  const hosts = await Promise.all(
    arrays.map((array, i) => toHostArray(`Dataset.fromTensors: array ${i}`, array)),
  )
  const samples = hosts[0]?.shape[0] ?? 0
  const odd = hosts.find(({ shape }) => shape[0] !== samples)
  if (odd === undefined) return hosts
  throw new DataError({
    where: 'Dataset.fromTensors',
    expected: `${samples} samples in every array, as in the first`,
    received: `${odd.shape[0] ?? 0}`,
  })
}

function rowOf(host: HostArray, i: number): Tensor {
  const { data, shape, dtype } = rowsOf(host, i, i + 1)
  return fromData(sizeOf(shape) === 0 ? data : data.slice(), shape.slice(1), dtype)
}
