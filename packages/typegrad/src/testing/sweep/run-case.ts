import { sizeOf } from '../../base/shape.ts'
import { signatureOf } from '../../kernel/kernel.ts'
import type { Elements, Expected, KernelCase } from './case.ts'
import { assemble, type Executor, type Program, type Region } from './executor.ts'
import type { Random } from './random.ts'

/** Where in its region an operand lies: its last byte before a page without access, or its first byte behind one. */
const placements = ['last', 'first', 'after four bytes'] as const
type Placement = (typeof placements)[number]

/** In which order tasks run: a task must not need what another has done. */
const orders = ['forward', 'backward', 'beside each other'] as const
type Order = (typeof orders)[number]

/** A signalling NaN that no arithmetic gives: what a kernel has not written, or should not have read. */
const poison = 0x7fa0beef
const quietPoison = poison | 0x400000
const poisonBytes = new Uint8Array(Uint32Array.of(poison).buffer)
/** Bytes before and behind each operand that are checked after the run. */
const guardBytes = 256

interface Placed {
  readonly what: string
  readonly region: Region
  readonly offset: number
  readonly length: number
}

/** Runs a case and compares. @returns what is wrong; undefined where nothing is. */
export async function runCase(
  executor: Executor,
  sweepCase: KernelCase,
  random: Random,
): Promise<string | undefined> {
  const placement = random.pick(placements)
  const program = assemble(sweepCase.kernel)
  const canRunBeside = executor.runBeside !== undefined && program.tasks > 1
  const order = canRunBeside && random.below(8) === 0 ? orders[2] : orders[random.below(2)]
  const wrong = await runPlaced(executor, sweepCase, program, placement, order as Order)
  return wrong && `${wrong} (operands ${placement}, ${program.tasks} tasks ${order})`
}

async function runPlaced(
  executor: Executor,
  { kernel, inputs, outputs, over }: KernelCase,
  program: Program,
  placement: Placement,
  order: Order,
): Promise<string | undefined> {
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

  for (const placed of [...given, ...made]) {
    const wrong = brokenGuard(placed)
    if (wrong !== undefined) return wrong
  }
  for (const [i, input] of inputs.entries()) {
    if (i === over) continue
    const { region, offset } = given[i] as Placed
    const before = bytesOf(input)
    for (let byte = 0; byte < before.length; byte++)
      if (region.bytes[offset + byte] !== before[byte]) return `input ${i} was changed at byte ${byte}`
  }
  for (const [i, expected] of outputs.entries()) {
    if (expected === undefined) continue
    const { region, offset, length } = made[i] as Placed
    // A copy, since an output may begin at any byte.
    const bytes = region.bytes.slice(offset, offset + length)
    const isBool = signature.outputs[i]?.dtype === 'bool'
    const received = isBool ? bytes : new Float32Array(bytes.buffer)
    const wrong =
      typeof expected === 'function' ? expected(received as Float32Array) : difference(received, expected)
    if (wrong !== undefined) return `output ${i}: ${wrong}`
  }
  return undefined
}

const bytesOf = (elements: Elements): Uint8Array =>
  new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength)

function poisonRange({ bytes }: Region, from: number, to: number): void {
  for (let i = from; i < to; i++) bytes[i] = poisonBytes[i & 3] as number
}

function poisonAround(region: Region, offset: number, length: number): void {
  poisonRange(region, Math.max(0, offset - guardBytes), offset)
  poisonRange(region, offset + length, Math.min(region.bytes.length, offset + length + guardBytes))
}

function brokenGuard({ what, region: { bytes }, offset, length }: Placed): string | undefined {
  const isWhole = (i: number) => bytes[i] === poisonBytes[i & 3]
  for (let i = Math.max(0, offset - guardBytes); i < offset; i++)
    if (!isWhole(i)) return `${what}: byte ${i - offset} before it was written`
  const end = offset + length
  for (let i = end; i < Math.min(bytes.length, end + guardBytes); i++)
    if (!isWhole(i)) return `${what}: byte ${i - end} behind it was written`
  return undefined
}

function difference(
  received: Float32Array | Uint8Array,
  { values, tolerance, isOpen, mayBeZero }: Expected,
): string | undefined {
  if (received.length !== values.length) return `${received.length} elements instead of ${values.length}`
  const words = received instanceof Float32Array ? new Uint32Array(received.buffer) : undefined
  for (let i = 0; i < values.length; i++) {
    if (isOpen?.(i)) continue
    const [e, r] = [values[i] as number, received[i] as number]
    const isPoison = words !== undefined && (words[i] === poison || words[i] === quietPoison)
    if (!isPoison && (e === r || (Number.isNaN(e) && Number.isNaN(r)))) continue
    if (!isPoison && Math.abs(e - r) <= (tolerance?.(e) ?? 0)) continue
    if (r === 0 && mayBeZero?.(i)) continue
    return `element ${i} is ${isPoison ? 'poison' : r}, not ${e}`
  }
  return undefined
}
