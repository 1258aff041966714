import { signatureOf } from 'typegrad/engine'
import type { Expected, KernelCase } from './case.ts'
import {
  brokenGuard,
  bytesOf,
  contentOf,
  execute,
  type Placed,
  poison,
  quietPoison,
  type Ran,
  type Way,
  wayOf,
} from './execute-case.ts'
import type { Executor } from './executor.ts'
import type { Random } from './random.ts'

/** Runs a case and compares. @returns what is wrong; undefined where nothing is. */
export async function runCase(
  executor: Executor,
  sweepCase: KernelCase,
  random: Random,
): Promise<string | undefined> {
  const way = wayOf(sweepCase, random, executor.runBeside !== undefined)
  const wrong = judge(sweepCase, await execute(executor, sweepCase, way))
  return wrong && `${wrong} ${described(way)}`
}

/**
 * Runs a case on two executors, which have to leave the same bits in all outputs, those of NaNs included. Memory of the
 * kernel's own may differ: what it never reads again may come from registers that nothing has written. @returns where they differ; undefined where they do not.
 */
export async function compareCase(
  [first, second]: readonly [Executor, Executor],
  sweepCase: KernelCase,
  random: Random,
): Promise<string | undefined> {
  const way = wayOf(sweepCase, random, false)
  const [a, b] = [await execute(first, sweepCase, way), await execute(second, sweepCase, way)]
  for (const [i, placed] of a.made.entries()) {
    if (sweepCase.outputs[i] === undefined) continue
    const [one, other] = [contentOf(placed), contentOf(b.made[i] as Placed)]
    const byte = one.findIndex((value, at) => value !== other[at])
    if (byte >= 0) return `output ${i} differs at byte ${byte} of ${one.length} ${described(way)}`
  }
  return undefined
}

const described = ({ placement, program, order }: Way): string =>
  `(operands ${placement}, ${program.tasks} tasks ${order})`

function judge({ kernel, inputs, outputs, over }: KernelCase, { given, made }: Ran): string | undefined {
  const signature = signatureOf(kernel)
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
    const bytes = contentOf(made[i] as Placed)
    const isBool = signature.outputs[i]?.dtype === 'bool'
    const received = isBool ? bytes : new Float32Array(bytes.buffer)
    const wrong =
      typeof expected === 'function' ? expected(received as Float32Array) : difference(received, expected)
    if (wrong !== undefined) return `output ${i}: ${wrong}`
  }
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
