import { expect, test } from 'vitest'
import type { KernelCase } from './case.ts'
import type { Executor, Region } from './executor.ts'
import { Random } from './random.ts'
import { runCase } from './run-case.ts'

const copied = Float32Array.of(1, 2, 3, 4, 5)
const sweepCase: KernelCase = {
  kernel: { kind: 'sumRows', rows: 1, columns: 5, isOfSquares: false, parts: 1 },
  inputs: [copied],
  outputs: [{ values: copied }],
}

/** An executor whose code is a function of JavaScript's over floats, of which negative places lie before an operand. */
function pretending(
  task: (input: (i: number) => number, output: (i: number, x: number) => void, change: () => void) => void,
) {
  const regions = Array.from({ length: 4 }, (_, i): Region => {
    const bytes = new Uint8Array(8192)
    return { address: BigInt((i + 1) << 16), bytes }
  })
  const at = (operand: number): DataView => {
    const table = new BigUint64Array((regions[0] as Region).bytes.buffer)
    const pointer = Number(table[operand])
    const region = regions[(pointer >> 16) - 1] as Region
    const offset = pointer & 0xffff
    const begin = Math.max(0, offset - 64)
    return new DataView(region.bytes.buffer, begin, Math.min(8192, offset + 84) - begin)
  }
  const base = (operand: number): number =>
    Math.min(64, Number(new BigUint64Array((regions[0] as Region).bytes.buffer)[operand]) & 0xffff)
  const executor: Executor = {
    regions,
    install() {},
    run() {
      const [input, output] = [at(0), at(1)]
      task(
        (i) => input.getFloat32(base(0) + 4 * i, true),
        (i, x) => output.setFloat32(base(1) + 4 * i, x, true),
        () => input.setFloat32(base(0), 7, true),
      )
    },
  }
  return executor
}

/** With operands at the beginning of their regions and at their end. */
const verdicts = async (executor: Executor): Promise<(string | undefined)[]> => {
  const all: (string | undefined)[] = []
  for (let seed = 0; seed < 12; seed++) all.push(await runCase(executor, sweepCase, new Random(seed)))
  return all
}

test('a kernel that does what it should is right', async () => {
  const executor = pretending((input, output) => {
    for (let i = 0; i < 5; i++) output(i, input(i))
  })
  expect(new Set(await verdicts(executor))).toEqual(new Set([undefined]))
})

test.each<[string, RegExp, Parameters<typeof pretending>[0]]>([
  [
    'an element that is not written',
    /output 0: element 4 is poison/,
    (input, output) => {
      for (let i = 0; i < 4; i++) output(i, input(i))
    },
  ],
  [
    'a wrong element',
    /output 0: element 2 is 9, not 3/,
    (input, output) => {
      for (let i = 0; i < 5; i++) output(i, i === 2 ? 9 : input(i))
    },
  ],
  [
    'an element that is read behind the input',
    /output 0: element 4 is poison|Offset is outside/,
    (input, output) => {
      for (let i = 0; i < 5; i++) output(i, input(i === 4 ? 5 : i))
    },
  ],
  [
    'an input that is changed',
    /input 0 was changed at byte/,
    (input, output, change) => {
      for (let i = 0; i < 5; i++) output(i, input(i))
      change()
    },
  ],
])('%s is found', async (_, message, task) => {
  const executor = pretending(task)
  for (let seed = 0; seed < 12; seed++) {
    const found = await runCase(executor, sweepCase, new Random(seed)).catch((error) => String(error))
    expect(found).toMatch(message)
  }
})

test('what is written before or behind an output is found', async () => {
  for (const [place, message] of [
    [-1, /output 0: byte -4 before it was written|Offset is outside/],
    [5, /output 0: byte 0 behind it was written|Offset is outside/],
  ] as const) {
    const executor = pretending((input, output) => {
      for (let i = 0; i < 5; i++) output(i, input(i))
      output(place, 1)
    })
    const found = new Set<string>()
    for (let seed = 0; seed < 12; seed++)
      found.add(String(await runCase(executor, sweepCase, new Random(seed)).catch(String)))
    // Beyond its region there is nothing to write to, which an executor of machine code shows by ending.
    for (const text of found) expect(text).toMatch(message)
    expect([...found].some((text) => text.includes('was written'))).toBe(true)
  }
})
