import { signatureOf, sizeOf } from 'typegrad/engine'
import type { Elements, KernelCase } from './case.ts'
import { assemble, type Executor, type Program, type Region } from './executor.ts'
import type { Random } from './random.ts'

/** Where in its region an operand lies: its last byte before a page without access, or its first byte behind one. */
const placements = ['last', 'first', 'after four bytes'] as const
type Placement = (typeof placements)[number]

/** In which order tasks run: a task must not need what another has done. */
const orders = ['forward', 'backward', 'beside each other'] as const
type Order = (typeof orders)[number]

/** A signalling NaN that no arithmetic gives: what a kernel has not written, or should not have read. */
export const poison = 0x7fa0beef
export const quietPoison = poison | 0x400000
const poisonBytes = new Uint8Array(Uint32Array.of(poison).buffer)
/** Bytes before and behind each operand that are checked after the run. */
const guardBytes = 256

export interface Placed {
  readonly what: string
  readonly region: Region
  readonly offset: number
  readonly length: number
}

/** How a case is run: its code, where its operands lie, and in which order its tasks run. */
export interface Way {
  readonly program: Program
  readonly placement: Placement
  readonly order: Order
}

export function wayOf(sweepCase: KernelCase, random: Random, canRunBeside: boolean): Way {
  const placement = random.pick(placements)
  const program = assemble(sweepCase.kernel)
  const isBeside = canRunBeside && program.tasks > 1 && random.below(8) === 0
  return { program, placement, order: isBeside ? orders[2] : (orders[random.below(2)] as Order) }
}

/** A case's operands in memory, after it was run. */
export interface Ran {
  readonly given: readonly Placed[]
  readonly made: readonly Placed[]
}

/** Lays a case's operands out, with poison around them and in what is to be written, and runs it. */
export async function execute(
  executor: Executor,
  { kernel, inputs, over }: KernelCase,
  { program, placement, order }: Way,
): Promise<Ran> {
  const signature = signatureOf(kernel)
  const [table, ...regions] = executor.regions as readonly [Region, ...Region[]]
  const place = (what: string, index: number, length: number): Placed => {
    const region = regions[index]
    if (region === undefined || length + guardBytes > region.bytes.length)
      throw new Error(`sweep: no region for ${what} of ${length} bytes`)
    const offset = placement === 'last' ? region.bytes.length - length : placement === 'first' ? 0 : 4
    poisonAround(region, offset, length)
    return { what, region, offset, length }
  }
  const given = inputs.map((input, i) => {
    const placed = place(`input ${i}`, i, input.byteLength)
    placed.region.bytes.set(bytesOf(input), placed.offset)
    return placed
  })
  const made = signature.outputs.map(({ dtype, shape }, i) => {
    const taken = i === 0 && over !== undefined ? given[over] : undefined
    if (taken !== undefined) return { ...taken, what: `output ${i}` }
    const length = sizeOf(shape) * (dtype === 'bool' ? 1 : 4)
    const placed = place(`output ${i}`, inputs.length + i, length)
    poisonRange(placed.region, placed.offset, placed.offset + length)
    return placed
  })

  executor.install(program)
  const pointers = new BigUint64Array(table.bytes.buffer, table.bytes.byteOffset, given.length + made.length)
  ;[...given, ...made].forEach(({ region, offset }, i) => {
    pointers[i] = region.address + BigInt(offset)
  })
  const tasks = Array.from({ length: program.tasks }, (_, i) => i)
  if (order === 'backward') tasks.reverse()
  if (order === 'beside each other') await executor.runBeside?.(table.address, tasks)
  else for (const task of tasks) executor.run(table.address, task)
  return { given, made }
}

/** The bytes of an operand. A copy, since an operand may begin at any byte. */
export const contentOf = ({ region, offset, length }: Placed): Uint8Array<ArrayBuffer> =>
  region.bytes.slice(offset, offset + length)

export const bytesOf = (elements: Elements): Uint8Array =>
  new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength)

function poisonRange({ bytes }: Region, from: number, to: number): void {
  for (let i = from; i < to; i++) bytes[i] = poisonBytes[i & 3] as number
}

function poisonAround(region: Region, offset: number, length: number): void {
  poisonRange(region, Math.max(0, offset - guardBytes), offset)
  poisonRange(region, offset + length, Math.min(region.bytes.length, offset + length + guardBytes))
}

/** What was written around an operand; undefined where nothing was. */
export function brokenGuard({ what, region: { bytes }, offset, length }: Placed): string | undefined {
  const isWhole = (i: number) => bytes[i] === poisonBytes[i & 3]
  for (let i = Math.max(0, offset - guardBytes); i < offset; i++)
    if (!isWhole(i)) return `${what}: byte ${i - offset} before it was written`
  const end = offset + length
  for (let i = end; i < Math.min(bytes.length, end + guardBytes); i++)
    if (!isWhole(i)) return `${what}: byte ${i - end} behind it was written`
  return undefined
}
