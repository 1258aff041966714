/**
 * `testing/`: checks for tests: gradients by central differences, layers from shapes to files, engines side by side.
 * It may use everything, and nothing but tests uses it.
 */
import { createNodeEngine } from '@typegrad/node'
import { createWebEngine } from '@typegrad/web'
import { expect } from 'vitest'
import type { DType } from '../base/dtype.ts'
import { type SerializedObject, serialize } from '../base/serialization.ts'
import type { Shape } from '../base/shape.ts'
import type { Engine } from '../engine/engine.ts'
import {
  type CompiledFunction,
  compile,
  setEngine,
  setRandomSeed,
  type Tensor,
  tensor,
  Variable,
  valueAndGrad,
} from '../index.ts'
import { deserializeLayer } from '../layers/base/deserialize.ts'
import type { AnyLayer, Layer, LayerOptions } from '../layers/base/layer.ts'
import { expectClose, type Tolerance } from './closeness.ts'
import { numbers } from './numeric-gradient.ts'

export interface TestLayerOptions {
  /** Shape of the input with a batch in front, or the shapes of a layer that takes a list. */
  readonly inputShape: Shape | readonly Shape[]
  /** Default: the layer's `inputDType`. */
  readonly inputDType?: DType
  /** The elements of all inputs, in place of numbers from −1.5 to 1.5. Needed where they are indices. */
  readonly inputValues?: readonly number[]
  readonly expectedOutputShape?: Shape
  /** Names, without the layer's unless a layer inside of it has them, and shapes of all weights, in order. Default: none. */
  readonly expectedWeights?: readonly (readonly [name: string, shape: Shape])[]
  /** How many of them, from the first on, are trained, or the positions of those that are. Default: all. */
  readonly expectedTrainable?: number | readonly number[]
  /** Whether the layer is called as in training. Default false. */
  readonly training?: boolean
  /**
   * How near gradients come to central differences; false where the layer draws at random.
   *
   * Default: a step of 1e-4 in float64 and 1e-6 of the largest gradient. Where a kernel exists in float32
   * alone, its rounding (some 1e-7) divided by the step must stay small.
   */
  readonly gradient?: false | { readonly step: number; readonly tolerance: number }
  /** How near the engines come to each other. Default 1e-5 of the largest element. */
  readonly engines?: Tolerance
}

/**
 * Checks all that must be true of a layer, in one call: that the shape it promises is the one it gives; its
 * weights' names, shapes and number; that its configuration makes the same layer again, through JSON; that
 * getWeights and setWeights carry its state over; that both engines give the same output; its gradients
 * against central differences in float64; and that a step along them lowers a loss.
 *
 * @param make makes the layer with the options that the check adds to its own: a name, a dtype.
 * @example
 * await testLayer((options) => dense({ units: 3, ...options }), {
 *   inputShape: [2, 4],
 *   expectedOutputShape: [2, 3],
 *   expectedWeights: [['kernel', [4, 3]], ['bias', [3]]],
 * })
 */
export async function testLayer(
  make: (options: LayerOptions) => AnyLayer,
  options: TestLayerOptions,
): Promise<void> {
  setRandomSeed(42)
  const subject = new Subject(make as unknown as (options: LayerOptions) => Layer, options)
  setEngine(await engines.node())
  subject.checkWeights()
  await subject.checkShapes()
  await subject.checkConfig()
  await subject.checkEngines()
  if (options.gradient === false) return
  await subject.checkGradient()
  await subject.checkTraining()
}

let node: Engine | undefined
let web: Promise<Engine> | undefined
/** One engine of each kind for all layers of a file. */
const engines = {
  node: async (): Promise<Engine> => (node ??= await createNodeEngine()),
  web: (): Promise<Engine> => (web ??= createWebEngine({ threads: 1 })),
}

class Subject {
  readonly #make: (options: LayerOptions) => Layer
  readonly #options: TestLayerOptions
  readonly #shapes: readonly Shape[]
  readonly #listed: boolean
  readonly #layer: Layer

  constructor(make: (options: LayerOptions) => Layer, options: TestLayerOptions) {
    this.#make = make
    this.#options = options
    this.#listed = Array.isArray(options.inputShape[0])
    this.#shapes = (this.#listed ? options.inputShape : [options.inputShape]) as readonly Shape[]
    this.#layer = this.#built({ name: 'subject' })
  }

  #built(options: LayerOptions): Layer {
    const layer = this.#make(options)
    layer.ensureBuilt(this.#options.inputShape)
    return layer
  }

  /** Inputs of float64 where the layer is, so that differences are exact. */
  #inputs(layer: Layer): Tensor[] {
    const { inputDType = layer.inputDType, inputValues } = this.#options
    return this.#shapes.map((shape, i) => {
      const size = shape.reduce((a, b) => a * b, 1)
      return tensor([...(inputValues ?? numbers(size, -1.5, 1.5, 1 + i))], { shape, dtype: inputDType })
    })
  }

  #call(layer: Layer, inputs: readonly Tensor[]): Tensor {
    const { training = false } = this.#options
    return layer.apply((this.#listed ? inputs : inputs[0]) as Tensor, { training })
  }

  checkWeights(): void {
    const { expectedWeights = [], expectedTrainable = expectedWeights.length } = this.#options
    const { weights, trainableWeights, nonTrainableWeights } = this.#layer
    expect(weights.map(({ name, shape }) => [name, shape])).toEqual(
      expectedWeights.map(([name, shape]) => [name.includes('/') ? name : `subject/${name}`, shape]),
    )
    const isTrained = (i: number) =>
      typeof expectedTrainable === 'number' ? i < expectedTrainable : expectedTrainable.includes(i)
    expect(trainableWeights, 'trainable weights').toEqual(weights.filter((_, i) => isTrained(i)))
    expect(nonTrainableWeights, 'non-trainable weights').toEqual(weights.filter((_, i) => !isTrained(i)))
    const frozen = this.#built({ trainable: false })
    expect(frozen.trainableWeights, 'trainable weights of a frozen layer').toEqual([])
    expect(frozen.weights.length, 'weights of a frozen layer').toBe(weights.length)
    expect(this.#layer.countParams()).toBe(
      expectedWeights.reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0),
    )
  }

  async checkShapes(): Promise<void> {
    const output = this.#call(this.#layer, this.#inputs(this.#layer))
    const expected = this.#options.expectedOutputShape
    if (expected !== undefined) expect(output.shape, 'output shape').toEqual(expected)
    expect((await output.data()).length, 'number of computed elements').toBe(output.size)

    const open = this.#shapes.map(([, ...sample]) => [null, ...sample])
    const symbolic = this.#built({}).computeOutputShape(this.#listed ? open : (open[0] as Shape))
    expect(symbolic, 'symbolic output shape').toEqual([null, ...output.shape.slice(1)])
  }

  async checkConfig(): Promise<void> {
    const config = this.#layer.getConfig()
    expect(config.name).toBe('subject')
    const saved = JSON.parse(JSON.stringify(serialize(this.#layer))) as SerializedObject
    expect(saved.config, 'a configuration is JSON').toEqual(config)
    const copy = deserializeLayer(saved)
    expect(copy.constructor).toBe(this.#layer.constructor)
    expect(copy.getConfig(), 'configuration of the copy').toEqual(config)

    copy.ensureBuilt(this.#options.inputShape)
    copy.setWeights(this.#layer.getWeights())
    expect(() => copy.setWeights([...copy.getWeights(), tensor(0)])).toThrow(/setWeights: expected/)
    if (this.#options.gradient === false) return
    const [a, b] = [this.#layer, copy].map((layer) => this.#call(layer, this.#inputs(layer)))
    const [actual, expected] = [await (b as Tensor).data(), await (a as Tensor).data()]
    expect(actual, 'output of the copy with the same weights').toEqual(expected)
  }

  async checkEngines(): Promise<void> {
    const outputs: ArrayLike<number>[] = []
    // Fresh layers, so that both start from the same state and the same random numbers.
    for (const engine of [engines.node, engines.web]) {
      setEngine(await engine())
      setRandomSeed(42)
      const layer = this.#built({})
      const run = compile((inputs: readonly Tensor[]) => this.#call(layer, inputs))
      const output = await run(this.#inputs(layer))
      outputs.push(Array.from(await output.data(), Number))
    }
    setEngine(await engines.node())
    const [native, wasm] = outputs as [ArrayLike<number>, ArrayLike<number>]
    expectClose(wasm, native, this.#options.engines, 'output on the web engine')
  }

  /** Σ output · cotangent, with its gradients with respect to inputs and weights, as one model. */
  #differentiable(layer: Layer) {
    const inputs = this.#inputs(layer).map((value, i) => new Variable(value, { name: `x${i}` }))
    const watched = [...inputs.filter((v) => v.dtype === 'float64'), ...layer.trainableWeights]
    const loss = () => {
      const y = this.#call(
        layer,
        inputs.map((v) => v.value),
      )
      const weights = tensor(numbers(y.size, 0.5, 1.5, 7), { shape: y.shape, dtype: y.dtype })
      return y.mul(weights).add(y.mul(y).mul(0.3)).sum()
    }
    return { watched, value: compile(loss), both: compile(() => valueAndGrad(loss, watched)) }
  }

  async checkGradient(): Promise<void> {
    const { step, tolerance } = this.#options.gradient || { step: 1e-4, tolerance: 1e-6 }
    const layer = this.#built({ dtype: 'float64' })
    const { watched, value, both } = this.#differentiable(layer)
    const { grads } = await both()
    for (const [k, variable] of watched.entries()) {
      const initial = (await variable.value.data()) as Float64Array
      const differences = await centralDifferences(value, variable, initial, step)
      const analytic = (await (grads[k] as Tensor).data()) as Float64Array
      expectClose(
        pick(analytic, differences),
        [...differences.values()],
        { scaled: tolerance },
        `gradient of ${variable.name}`,
      )
    }
  }

  async checkTraining(): Promise<void> {
    const layer = this.#built({ dtype: 'float64' })
    const { watched, both } = this.#differentiable(layer)
    if (watched.length === 0) return
    const before = await both()
    const squares = await Promise.all(before.grads.map((g) => g.square().sum().item()))
    const slope = squares.reduce((a, b) => a + b, 0)
    expect(slope, 'the gradient is not zero').toBeGreaterThan(0)
    // So short a step that the loss is all but linear along it: it must fall.
    const rate = Math.min(1e-3, 1e-3 / Math.sqrt(slope))
    watched.forEach((variable, i) => {
      variable.assign(variable.value.sub((before.grads[i] as Tensor).mul(rate)))
    })
    const [first, second] = [await before.value.item(), await (await both()).value.item()]
    expect(second, 'loss after a step').toBeLessThan(first)
    expect(first - second, 'fall of the loss').toBeGreaterThan(0.5 * rate * slope)
  }
}

/** At most so many elements of a tensor are moved: the rest of a layer's arithmetic is the same. */
const maxDifferences = 40

/** Slopes by position, from differences over twice the step. */
async function centralDifferences(
  value: CompiledFunction<[], Tensor>,
  variable: Variable,
  initial: Float64Array,
  step: number,
): Promise<Map<number, number>> {
  const at = async (i: number, x: number) => {
    variable.assign(tensor(initial.with(i, x), { shape: variable.shape }))
    return (await value()).item()
  }
  const differences = new Map<number, number>()
  const stride = Math.max(1, Math.ceil(initial.length / maxDifferences))
  for (let i = 0; i < initial.length; i += stride) {
    const x = initial[i] as number
    differences.set(i, ((await at(i, x + step)) - (await at(i, x - step))) / (2 * step))
  }
  variable.assign(tensor(initial, { shape: variable.shape }))
  return differences
}

const pick = (values: Float64Array, at: ReadonlyMap<number, unknown>): number[] =>
  [...at.keys()].map((i) => values[i] as number)
