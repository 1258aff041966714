// The program of a process that loads one model and predicts with it, to see how much memory that takes at most.
import { readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createEngine, type Engine, encodeModel, type Signature, type TypedArray } from 'typegrad/engine'

/** What the process is asked, by one message. */
export interface MemoryTask {
  /** A file of ONNX. */
  readonly path: string
  /** Its inputs and outputs, with sizes in the place of names. */
  readonly signature: Signature
  /** What the inputs are, in their order. */
  readonly inputs: readonly TypedArray[]
}

/** What it answers: bytes by which the peak of its resident memory grew, or what went wrong. */
export type MemoryAnswer = { readonly bytes: number } | { readonly error: string }

const number = (name: string) => ({ name, dtype: 'float32', shape: [1] }) as const

/** Gives back its input: the runtime allocates what it needs for itself, whatever the model, when it runs the first one. */
const least = { inputs: [number('x')], outputs: [number('y')] }
const leastModel = (): Uint8Array =>
  encodeModel({
    opset: 20,
    graph: {
      name: 'least',
      nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
      initializers: [],
      ...least,
    },
  })

async function predict(
  engine: Engine,
  onnx: Uint8Array,
  { signature, inputs }: Omit<MemoryTask, 'path'>,
): Promise<void> {
  const executable = await engine.load(onnx, { signature })
  const storages = signature.inputs.map(({ dtype, shape }, i) =>
    engine.upload(inputs[i] as TypedArray, dtype, shape),
  )
  const outputs = signature.outputs.map(({ dtype, shape }) => engine.allocate(dtype, shape))
  // The first run finds out how much memory the values take, the second one has it in one piece.
  for (let run = 0; run < 2; run++) await executable.run(storages, outputs)
}

/** Lets the peak begin from what is resident now, where the system can: on Linux. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // The peak so far stays the one that is compared with.
  }
}

/** Bytes that were resident at most. Linux's `ru_maxrss` would count the process that started this one, too. */
function peak(): number {
  const { maxRSS } = process.resourceUsage()
  if (process.platform !== 'linux') return maxRSS * 1024
  const [, kilobytes = maxRSS] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

async function measured({ path, ...task }: MemoryTask): Promise<number> {
  const engine = await createEngine()
  await predict(engine, leastModel(), { signature: least, inputs: [new Float32Array(1)] })
  globalThis.gc?.()
  forgetPeak()
  const before = peak()
  await predict(engine, await readFile(path), task)
  return Math.max(0, peak() - before)
}

process.once('disconnect', () => process.exit())
process.once('message', (task: MemoryTask) => {
  const answer = measured(task).then(
    (bytes): MemoryAnswer => ({ bytes }),
    (error: unknown): MemoryAnswer => ({ error: error instanceof Error ? error.message : String(error) }),
  )
  void answer.then((told) => process.send?.(told, () => process.disconnect()))
})
