import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { createNodeEngine } from '@typegrad/node'
import { createWebEngine } from '@typegrad/web'
import { describe, expect, test, vi } from 'vitest'
import { bundleProgram } from '../../../../tools/bundle-program.ts'
import { type DType, dtypes, type TypedArray, typedArray } from '../base/dtype.ts'
import { DTypeError, EngineError, ShapeError } from '../base/errors.ts'
import { encodeModel } from '../onnx/encode.ts'
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from '../onnx/model.ts'
import type { Engine, Executable, Storage } from './engine.ts'

const value = (name: string, dtype: DType, shape: (number | string)[]): OnnxValue => ({ name, dtype, shape })
const node = (
  op: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, OnnxAttribute> = {},
): OnnxNode => ({ op, inputs, outputs, attributes })

function model(graph: Partial<OnnxGraph>): Uint8Array {
  const empty = { name: 'test', nodes: [], inputs: [], outputs: [], initializers: [] }
  return encodeModel({ opset: 21, graph: { ...empty, ...graph } })
}

/** One operator over inputs of one dtype and shape. */
function operator(op: string, dtype: DType, shape: number[], count = 2): Uint8Array {
  const names = Array.from({ length: count }, (_, i) => `x${i}`)
  return model({
    nodes: [node(op, names, ['y'])],
    inputs: names.map((name) => value(name, dtype, shape)),
    outputs: [value('y', dtype, shape)],
  })
}

/** `count` matrix products of n × n, one after the other. */
function products(n: number, count: number): Uint8Array {
  return model({
    nodes: Array.from({ length: count }, (_, i) =>
      node('MatMul', [i === 0 ? 'x' : `h${i}`, 'w'], [i === count - 1 ? 'y' : `h${i + 1}`]),
    ),
    inputs: [value('x', 'float32', [n, n]), value('w', 'float32', [n, n])],
    outputs: [value('y', 'float32', [n, n])],
  })
}

const upload = (engine: Engine, data: Float32Array, shape: number[] = [data.length]) =>
  engine.upload(data, 'float32', shape)

function random(length: number): Float32Array {
  let state = 1
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/** Runs a program in a process of its own, with an `engine` and the `executable` of a model. */
async function runProgram(model: Uint8Array, program: string, ...flags: string[]) {
  const module = await bundleProgram(new URL('../../../node/src/index.ts', import.meta.url))
  const source = `
    import { createNodeEngine } from ${JSON.stringify(pathToFileURL(module).href)}
    const engine = await createNodeEngine()
    const executable = await engine.load(Buffer.from('${Buffer.from(model).toString('base64')}', 'base64'))
    ${program}`
  return spawnSync(process.execPath, [...flags, '--input-type=module', '-e', source], { encoding: 'utf8' })
}

const engines: [string, () => Promise<Engine>][] = [
  ['node', async () => createNodeEngine()],
  ['node, 1 thread', async () => createNodeEngine({ threads: 1 })],
  ['web', () => createWebEngine()],
]

describe.each(engines)('%s engine', (_, create) => {
  test('MatMul', async () => {
    const engine = await create()
    const executable = await engine.load(
      model({
        nodes: [node('MatMul', ['a', 'b'], ['c'])],
        inputs: [value('a', 'float32', [2, 3]), value('b', 'float32', [3, 2])],
        outputs: [value('c', 'float32', [2, 2])],
      }),
    )
    expect(executable.inputs).toEqual([
      { name: 'a', dtype: 'float32', shape: [2, 3] },
      { name: 'b', dtype: 'float32', shape: [3, 2] },
    ])
    expect(executable.outputs).toEqual([{ name: 'c', dtype: 'float32', shape: [2, 2] }])
    const a = upload(engine, Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3])
    const b = upload(engine, Float32Array.of(1, 0, 0, 1, 1, 1), [3, 2])
    const c = engine.allocate('float32', [2, 2])
    await executable.run([a, b], [c])
    expect(await engine.read(c)).toEqual(Float32Array.of(4, 5, 10, 11))
    await engine.write(a, new Float32Array(6))
    await executable.run([a, b], [c])
    expect(await engine.read(c)).toEqual(new Float32Array(4))
  })

  test('constants stand beside the model: a convolution, a product, a scalar and a table', async () => {
    const engine = await create()
    const constants = new Map([
      ['kernel', upload(engine, random(16 * 3 * 9), [16, 3, 3, 3])],
      ['matrix', upload(engine, random(64 * 8), [64, 8])],
      ['half', upload(engine, Float32Array.of(0.5), [])],
      ['table', upload(engine, random(40), [5, 8])],
    ])
    const graph = (added: boolean): Partial<OnnxGraph> => {
      const values = [...constants].map(([name, { shape }]) => value(name, 'float32', [...shape]))
      return {
        nodes: [
          node('Conv', ['x', 'kernel'], ['c']),
          node('Relu', ['c'], ['r']),
          node('Reshape', ['r', 'shape'], ['f']),
          node('MatMul', ['f', 'matrix'], ['m']),
          node('Mul', ['m', 'half'], ['h']),
          node('Gather', ['table', 'i'], ['t']),
          node('Add', ['h', 't'], ['y']),
        ],
        inputs: [value('x', 'float32', [1, 3, 4, 4]), value('i', 'int32', [1]), ...(added ? [] : values)],
        outputs: [value('y', 'float32', [1, 8])],
        initializers: [{ name: 'shape', dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, 64n) }],
      }
    }
    const inputs = [upload(engine, random(48), [1, 3, 4, 4]), engine.upload(Int32Array.of(3), 'int32', [1])]
    const run = async (executable: Executable, given: Storage[]) => {
      const y = engine.allocate('float32', [1, 8])
      await executable.run(given, [y])
      return Array.from((await engine.read(y)) as Float32Array)
    }
    const fixed = await engine.loadWithConstants?.(model(graph(true)), constants)
    if (fixed === undefined) throw new Error('this engine takes no constants')
    expect(fixed.inputs.map(({ name }) => name)).toEqual(['x', 'i'])
    const expected = await run(await engine.load(model(graph(false))), [...inputs, ...constants.values()])
    const found = await run(fixed, inputs)
    found.forEach((v, i) => {
      expect(v).toBeCloseTo(expected[i] ?? Number.NaN, 5)
    })
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.1)
    const missing = new Map([...constants].slice(1))
    await expect(engine.loadWithConstants?.(model(graph(true)), missing)).rejects.toThrow(EngineError)
  })

  test("an output may be an input's storage, bit-equal to JavaScript", async () => {
    const engine = await create()
    const size = 100_003
    const executable = await engine.load(operator('Sub', 'float32', [size]))
    const gradient = random(size)
    const expected = new Float32Array(size).fill(0.5)
    const w = upload(engine, expected.slice())
    const g = upload(engine, gradient)
    for (let step = 0; step < 3; step++) {
      for (let i = 0; i < size; i++) expected[i] = Math.fround((expected[i] ?? 0) - (gradient[i] ?? 0))
      await executable.run([w, g], [w])
    }
    expect(await engine.read(w)).toEqual(expected)
  })

  test('a storage is the memory that was uploaded', async () => {
    const engine = await create()
    const executable = await engine.load(operator('Add', 'float32', [2]))
    // A view into the middle of a larger buffer.
    const data = new Float32Array(new ArrayBuffer(32), 8, 2)
    const x = upload(engine, data)
    const y = engine.allocate('float32', [2])
    data.set([3, 4])
    await executable.run([x, x], [y])
    expect(await engine.read(y)).toEqual(Float32Array.of(6, 8))
    expect(x.host).toBe(data)
  })

  test.each(dtypes)('%s passes through unchanged', async (dtype) => {
    const engine = await create()
    const loading = engine.load(operator('Identity', dtype, [2, 3], 1))
    if (engine.name === 'web' && dtype === 'bfloat16')
      return await expect(loading).rejects.toThrow(
        "expected a dtype that ONNX Runtime has in WebAssembly, received 'bfloat16'. Keep it as 'float16' or 'float32' here.",
      )
    const executable = await loading
    const data = typedArray(dtype, 6)
    const bytes = new Uint8Array(data.buffer)
    for (let i = 0; i < bytes.length; i++) bytes[i] = dtype === 'bool' ? i % 2 : (i * 11 + 1) & 0x3f
    const y = engine.allocate(dtype, [2, 3])
    await executable.run([engine.upload(data, dtype, [2, 3])], [y])
    expect(await engine.read(y)).toEqual(data)
  })

  test.each<[DType, TypedArray, TypedArray]>([
    ['int64', BigInt64Array.of(2n ** 40n, -5n), BigInt64Array.of(2n ** 41n, -10n)],
    ['float64', Float64Array.of(0.1, 1e300), Float64Array.of(0.2, 2e300)],
    ['int32', Int32Array.of(2 ** 30, -3), Int32Array.of(-(2 ** 31), -6)],
    ['uint32', Uint32Array.of(2 ** 31, 7), Uint32Array.of(0, 14)],
  ])('%s is computed as such', async (dtype, x, expected) => {
    const engine = await create()
    const executable = await engine.load(operator('Add', dtype, [2]))
    const storage = engine.upload(x, dtype, [2])
    const y = engine.allocate(dtype, [2])
    await executable.run([storage, storage], [y])
    expect(await engine.read(y)).toEqual(expected)
  })

  test('scalars, comparisons to bool and several outputs', async () => {
    const engine = await create()
    const executable = await engine.load(
      model({
        nodes: [node('Add', ['a', 'b'], ['sum']), node('Less', ['a', 'b'], ['less'])],
        inputs: [value('a', 'float32', []), value('b', 'float32', [])],
        outputs: [value('less', 'bool', []), value('sum', 'float32', [])],
      }),
    )
    const [less, sum] = [engine.allocate('bool', []), engine.allocate('float32', [])]
    await executable.run(
      [upload(engine, Float32Array.of(1), []), upload(engine, Float32Array.of(2), [])],
      [less, sum],
    )
    expect(await engine.read(less)).toEqual(Uint8Array.of(1))
    expect(await engine.read(sum)).toEqual(Float32Array.of(3))
  })

  test('tensors without elements, and models without inputs', async () => {
    const engine = await create()
    const constant: OnnxTensor = { name: 'k', dtype: 'float32', shape: [2], data: Float32Array.of(7, 8) }
    const executable = await engine.load(
      model({
        nodes: [
          node('Concat', ['none', 'some'], ['joined'], { axis: { type: 'int', value: 0 } }),
          node('Mul', ['none', 'none'], ['squared']),
        ],
        inputs: [value('none', 'float32', [0, 2]), value('some', 'float32', [1, 2])],
        outputs: [value('joined', 'float32', [1, 2]), value('squared', 'float32', [0, 2])],
      }),
    )
    const none = upload(engine, new Float32Array(0), [0, 2])
    const joined = engine.allocate('float32', [1, 2])
    await executable.run(
      [none, upload(engine, Float32Array.of(1, 2), [1, 2])],
      [joined, engine.allocate('float32', [0, 2])],
    )
    expect(await engine.read(joined)).toEqual(Float32Array.of(1, 2))

    const constantModel = await engine.load(
      model({
        nodes: [node('Neg', ['k'], ['y'])],
        outputs: [value('y', 'float32', [2])],
        initializers: [constant],
      }),
    )
    const y = engine.allocate('float32', [2])
    await constantModel.run([], [y])
    expect(await engine.read(y)).toEqual(Float32Array.of(-7, -8))
  })

  test('storages that do not fit are refused by name', async () => {
    const engine = await create()
    const executable = await engine.load(operator('Add', 'float32', [2]))
    const good = engine.allocate('float32', [2])
    const run = async (...inputs: ReturnType<Engine['allocate']>[]) => executable.run(inputs, [good])
    await expect(run(good)).rejects.toThrow('run: expected 2 inputs (x0, x1), received 1.')
    const long = run(good, engine.allocate('float32', [3]))
    await expect(long).rejects.toThrow(ShapeError)
    await expect(long).rejects.toThrow("run: input 'x1': expected shape [2], received [3].")
    const whole = run(engine.allocate('int32', [2]), good)
    await expect(whole).rejects.toThrow(DTypeError)
    await expect(whole).rejects.toThrow("run: input 'x0': expected dtype float32, received int32.")
    await expect((async () => executable.run([good, good], []))()).rejects.toThrow('expected 1 outputs (y)')
    expect(() => engine.upload(new Float32Array(3), 'float32', [2])).toThrow('upload: expected 2 elements')
    expect(() => engine.upload(new Float32Array(2), 'int32', [2])).toThrow('upload: expected a Int32Array')
    expect(() => engine.write(good, new Float32Array(3))).toThrow('write: expected 2 elements')
    // None of it leaves a trace.
    await executable.run([good, good], [good])
  })

  test('models that the runtime refuses are EngineErrors with its reason, and nothing is printed', async () => {
    const print = vi.spyOn(process.stderr, 'write')
    const engine = await create()
    const refusal = async (bytes: Uint8Array) =>
      engine.load(bytes).then(
        () => undefined,
        (error: unknown) => error,
      )
    const unknown = await refusal(operator('NoSuchOperator', 'float32', [2]))
    expect(unknown).toBeInstanceOf(EngineError)
    expect(String(unknown)).toContain('NoSuchOperator')
    expect(await refusal(new Uint8Array(10))).toBeInstanceOf(EngineError)
    expect(await refusal(new Uint8Array(0))).toBeInstanceOf(EngineError)
    const open = model({ inputs: [value('x', 'float32', ['batch'])] })
    expect(String(await refusal(open))).toContain("load: 'x': expected a static shape")

    const gather = await engine.load(
      model({
        nodes: [node('Gather', ['x', 'i'], ['y'])],
        inputs: [value('x', 'float32', [2]), value('i', 'int32', [1])],
        outputs: [value('y', 'float32', [1])],
      }),
    )
    const index = engine.upload(Int32Array.of(5), 'int32', [1])
    const run = (async () =>
      gather.run([engine.allocate('float32', [2]), index], [engine.allocate('float32', [1])]))()
    await expect(run).rejects.toThrow(EngineError)
    await expect(run).rejects.toThrow('gather: expected indices from -2 to 1, received 5')
    expect(print).not.toHaveBeenCalled()
    print.mockRestore()
  })

  test('disposing twice is fine, running afterwards is not', async () => {
    const engine = await create()
    const executable = await engine.load(operator('Add', 'float32', [2]))
    const x = engine.allocate('float32', [2])
    const running = executable.run([x, x], [x])
    executable.dispose()
    executable.dispose()
    await running
    expect(() => executable.run([x, x], [x])).toThrow('disposed')
  })

  test('a loop of short runs lets timers through', async () => {
    const engine = await create()
    const executable = await engine.load(operator('Add', 'float32', [1000]))
    const x = engine.allocate('float32', [1000])
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    // Of a thousand runs or of a million, by the machine's speed; none at all if only promises get their turn.
    for (let runs = 0; ticks < 5 && runs < 2_000_000; runs++) await executable.run([x, x], [x])
    clearInterval(timer)
    expect(ticks).toBeGreaterThanOrEqual(5)
  })
})

describe('node engine', () => {
  test('the event loop is free during a long run', async () => {
    const engine = await createNodeEngine()
    const n = 512
    const executable = await engine.load(products(n, 40))
    const x = upload(engine, random(n * n), [n, n])
    const w = upload(engine, new Float32Array(n * n), [n, n])
    let turns = 0
    let isOver = false
    const turn = (): void => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    await executable.run([x, w], [engine.allocate('float32', [n, n])])
    isOver = true
    // Ten billion operations, during which a loop that is free turns thousands of times.
    expect(turns).toBeGreaterThan(3)
  })

  test('a run beside the event loop refuses another, and disposing waits for it', async () => {
    const engine = await createNodeEngine()
    const n = 256
    const executable = await engine.load(products(n, 10))
    const x = upload(engine, random(n * n), [n, n])
    const y = engine.allocate('float32', [n, n])
    const running = executable.run([x, x], [y])
    expect(running).toBeInstanceOf(Promise)
    expect(() => executable.run([x, x], [y])).toThrow('the last run has not ended')
    executable.dispose()
    await running
    expect(y.host?.some((element) => element !== 0)).toBe(true)
  })

  test('storages of the web engine are refused', async () => {
    const executable = await (await createNodeEngine()).load(operator('Add', 'float32', [2]))
    const foreign = (await createWebEngine()).allocate('float32', [2])
    expect(() => executable.run([foreign, foreign], [foreign])).toThrow('a storage that this engine has made')
  })

  test('memory is flat over 10,000 runs', async () => {
    // In a process of its own, with a small young generation: what grows is then not JavaScript's garbage.
    const { stdout, stderr } = await runProgram(
      products(64, 3),
      `
      const [x, w, y, z] = [1, 2, 3, 4].map(() => engine.allocate('float32', [64, 64]))
      const run = async (count) => {
        for (let i = 0; i < count; i++) await executable.run([x, w], [i % 2 ? y : z])
      }
      await run(100)
      const before = process.memoryUsage.rss()
      await run(10_000)
      console.log(process.memoryUsage.rss() - before)`,
      '--max-semi-space-size=1',
    )
    expect(stderr).toBe('')
    expect(Number(stdout)).toBeLessThan(5 << 20)
  })

  test('what a first run took goes back, and the others take what is in use at once', async () => {
    // Ten values of 16 MB that a sum reads at the end.
    const [size, count] = [4 << 20, 10]
    const sums = model({
      nodes: [
        ...Array.from({ length: count }, (_, i) =>
          node('Add', [i === 0 ? 'x' : `h${i - 1}`, 'x'], [`h${i}`]),
        ),
        node(
          'Sum',
          Array.from({ length: count }, (_, i) => `h${i}`),
          ['y'],
        ),
      ],
      inputs: [value('x', 'float32', [size])],
      outputs: [value('y', 'float32', [size])],
    })
    const { stdout, stderr } = await runProgram(
      sums,
      `
      const [x, y] = [1, 2].map(() => engine.allocate('float32', [${size}]))
      x.host.fill(1)
      y.host.fill(1)
      const before = process.memoryUsage.rss()
      for (let i = 0; i < 3; i++) await executable.run([x], [y])
      console.log(JSON.stringify({ grown: process.memoryUsage.rss() - before, sum: y.host[${size - 1}] }))`,
    )
    expect(stderr).toBe('')
    const { grown, sum } = JSON.parse(stdout) as { grown: number; sum: number }
    expect(sum).toBe(65)
    expect(grown / 2 ** 20).toBeGreaterThan(150)
    expect(grown / 2 ** 20).toBeLessThan(200)
  })

  test('sessions and storages that are garbage give their memory back', async () => {
    const engine = await createNodeEngine()
    const size = 1 << 20
    const bytes = operator('Add', 'float32', [size])
    const round = async () => {
      const executable = await engine.load(bytes)
      const x = engine.allocate('float32', [size])
      await executable.run([x, x], [engine.allocate('float32', [size])])
    }
    for (let i = 0; i < 10; i++) await round()
    const before = process.memoryUsage.rss()
    for (let i = 0; i < 200; i++) {
      await round()
      await sleep(0)
    }
    // 200 rounds take 1600 MB; the collector may not have come to the last of them.
    expect(process.memoryUsage.rss() - before).toBeLessThan(600 << 20)
  })

  test('threads must be a whole number', async () => {
    await expect(createNodeEngine({ threads: -1 })).rejects.toThrow('createNodeEngine: threads: expected')
  })

  test.each(['end', 'exit'])('a process that runs a model can %s', async (how) => {
    const child = await runProgram(
      products(512, 60),
      `
      const x = engine.allocate('float32', [512, 512])
      const running = executable.run([x, x], [engine.allocate('float32', [512, 512])])
      ${how === 'exit' ? 'setTimeout(() => process.exit(0), 10)' : ''}
      await running
      console.log('ran')`,
    )
    expect(child.stderr).toBe('')
    expect(child.status).toBe(0)
    expect(child.stdout).toBe(how === 'end' ? 'ran\n' : '')
  })
})

let gpu: Engine | undefined
try {
  gpu = await createNodeEngine({ device: 'webgpu' })
} catch (error) {
  console.info(`The WebGPU tests are skipped. ${error instanceof Error ? error.message : String(error)}`)
  test('without a GPU, WebGPU is refused with a reason', () => {
    expect(error).toBeInstanceOf(EngineError)
    expect(String(error)).toContain('no WebGPU device could be opened')
  })
}

describe.skipIf(gpu === undefined)('node engine on WebGPU', () => {
  const engine = gpu as Engine

  test('a chain of products, in place, equals the CPU', async () => {
    const n = 64
    const [x, w] = [random(n * n), random(n * n).map((element) => element / n)]
    const results: TypedArray[] = []
    for (const each of [engine, await createNodeEngine()]) {
      const executable = await each.load(products(n, 3))
      const storage = upload(each, x, [n, n])
      for (let i = 0; i < 3; i++) await executable.run([storage, upload(each, w, [n, n])], [storage])
      results.push(await each.read(storage))
    }
    const [received, expected] = results as [Float32Array, Float32Array]
    // Sums of 64 products in another order: a few units in the last place of the largest.
    for (let i = 0; i < n * n; i++)
      expect(Math.abs((received[i] ?? 0) - (expected[i] ?? 0))).toBeLessThan(1e-5)
  })

  test.each(dtypes)('%s goes up, through and down unchanged', async (dtype) => {
    const data = typedArray(dtype, 8)
    const bytes = new Uint8Array(data.buffer)
    for (let i = 0; i < bytes.length; i++) bytes[i] = dtype === 'bool' ? i % 2 : (i * 11 + 1) & 0x3f
    const x = engine.upload(data, dtype, [2, 4])
    expect(x.host).toBeNull()
    const y = engine.allocate(dtype, [2, 4])
    await (await engine.load(operator('Identity', dtype, [2, 4], 1))).run([x], [y])
    expect(await engine.read(y)).toEqual(data)
  })

  test('scalars and tensors without elements', async () => {
    expect(await engine.read(upload(engine, Float32Array.of(5), []))).toEqual(Float32Array.of(5))
    expect(await engine.read(engine.allocate('float32', [0, 2]))).toEqual(new Float32Array(0))
  })

  test('a storage of the CPU is refused by read', async () => {
    const other = (await createNodeEngine()).allocate('float32', [2])
    expect(() => engine.read(other)).toThrow('made by another engine')
  })
})

describe('selection', () => {
  test('Node gets the native engine, and keeps what was set', async () => {
    vi.resetModules()
    const { defaultEngine, getEngine, setEngine } = await import('./select.ts')
    expect(getEngine()).toBeUndefined()
    const [first, second] = await Promise.all([defaultEngine(), defaultEngine()])
    expect(first.name).toBe('node')
    expect(second).toBe(first)
    expect(getEngine()).toBe(first)
    const web = await createWebEngine()
    setEngine(web)
    expect(await defaultEngine()).toBe(web)
  })

  test('without the native library, WebAssembly stands in and says so once', async () => {
    vi.resetModules()
    vi.doMock('@typegrad/node', () => {
      throw new Error('no koffi here')
    })
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    try {
      const { createEngine } = await import('./select.ts')
      expect((await createEngine()).name).toBe('web')
      expect((await createEngine()).name).toBe('web')
      expect(warn).toHaveBeenCalledOnce()
      expect(warn.mock.calls[0]?.[0]).toContain('typegrad: the native engine is not available')
      await expect(createEngine({ device: 'webgpu' })).rejects.toThrow()
    } finally {
      warn.mockRestore()
      vi.doUnmock('@typegrad/node')
    }
  })
})
