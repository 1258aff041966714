// The driver's protocol for workers that are copied beside the packages they import.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A workload that a peer does not have, with the reason. */
export class Absent extends Error {}

const arrays = { F32: Float32Array, I32: Int32Array, U8: Uint8Array }

/** The tensors of a safetensors file: { name: { data, shape } }. */
export function readTensors(folder, file) {
  const bytes = readFileSync(join(folder, file))
  const length = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString())
  const tensors = {}
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue
    const [begin, end] = offsets.map((offset) => 8 + length + offset)
    const copy = new Uint8Array(bytes.subarray(begin, end))
    tensors[name] = { data: new arrays[dtype](copy.buffer), shape }
  }
  return tensors
}

/** The batches of a tensor (batches, …), as views. */
export function batchesOf({ data, shape: [count, ...shape] }) {
  const size = shape.reduce((product, d) => product * d, 1)
  return Array.from({ length: count }, (_, i) => ({ data: data.subarray(i * size, (i + 1) * size), shape }))
}

/** What five runs in a row give: the losses of the first steps. */
export async function firstFive(run) {
  const values = []
  for (let i = 0; i < 5; i++) values.push(await run())
  return values
}

/** `setup(workload, weights, data)` gives { run(), losses() }, which may be asynchronous. */
export async function serve(version, setup) {
  console.log = console.error
  let runner
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line)
    if (request.cmd === 'exit') break
    let answer
    try {
      answer = await respond(request)
    } catch (error) {
      answer =
        error instanceof Absent
          ? { version, absent: error.message }
          : { error: String(error?.stack ?? error) }
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
  process.exit()

  async function respond(request) {
    const start = performance.now()
    if (request.cmd === 'setup') {
      const { workload, folder } = request
      const read = (file) => readTensors(folder, file)
      runner = await setup(workload, read('weights.safetensors'), read('data.safetensors'), folder)
      globalThis.gc?.()
      return { version, ...(runner.note && { note: runner.note }) }
    }
    if (request.cmd === 'losses') {
      const losses = Array.from(await runner.losses(), Number)
      return { losses, compileMs: performance.now() - start }
    }
    if (request.cmd === 'memory') return { peak: process.resourceUsage().maxRSS * 1024 }
    const times = []
    for (let i = 0; i < request.n; i++) {
      const begin = performance.now()
      for (let k = 0; k < request.repeat; k++) await runner.run()
      times.push((performance.now() - begin) / request.repeat)
    }
    return { times }
  }
}
