import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SymbolicShape } from '../doors/layers.ts'
import {
  ArgumentError,
  adapt,
  Callback,
  callbacks,
  constraints,
  initializers,
  Layer,
  type LayerOptions,
  Loss,
  layers,
  loadModel,
  Metric,
  optimizers,
  readKeras,
  register,
  regularizers,
  schedules,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
  UnknownNameError,
  type Variable,
  WeightAdapter,
  writeKeras,
} from '../index.ts'
import type { LossOptions } from '../losses/loss.ts'

const { Constraint } = constraints
const { Regularizer } = regularizers
const { LearningRateSchedule } = schedules

/** y = factor · x, with a name that the library has as well. */
class Rescaling extends Layer {
  readonly className = 'Rescaling'
  readonly begins: number
  #factor: Variable | undefined
  constructor({ begins = 1, ...options }: LayerOptions & { readonly begins?: number } = {}) {
    super(options)
    this.begins = begins
  }
  override build(shape: SymbolicShape): void {
    const initializer = initializers.constant({ value: this.begins })
    this.#factor = this.addWeight({ name: 'factor', shape: [shape.at(-1) as number], initializer })
  }
  call(x: Tensor): Tensor {
    return x.mul((this.#factor as Variable).value)
  }
  override getConfig() {
    return { ...super.getConfig(), begins: this.begins }
  }
}
class Ramp extends initializers.Initializer {
  readonly className = 'Ramp'
  readonly step: number
  constructor({ step = 0.1 }: { readonly step?: number } = {}) {
    super()
    this.step = step
  }
  initialize(shape: readonly number[]): Tensor {
    const size = shape.reduce((a, b) => a * b, 1)
    return tensor(Array.from({ length: size }, (_, i) => i * this.step)).reshape(shape)
  }
  override getConfig() {
    return { step: this.step }
  }
}
class Quartic extends Regularizer {
  readonly className = 'Quartic'
  penalty(weight: Tensor): Tensor {
    return weight.square().square().sum().mul(0.01)
  }
  getConfig() {
    return {}
  }
}
class Centered extends Constraint {
  readonly className = 'Centered'
  apply(weight: Tensor): Tensor {
    return weight.sub(weight.mean())
  }
}
class Cubic extends Loss {
  readonly className = 'Cubic'
  readonly scale: number
  constructor({ scale = 1, ...options }: LossOptions & { readonly scale?: number } = {}) {
    super(options, 'cubic')
    this.scale = scale
  }
  call(yTrue: Tensor, yPred: Tensor): Tensor {
    return yPred.sub(yTrue).abs().pow(3).mean(-1).mul(this.scale)
  }
  override getConfig() {
    return { ...super.getConfig(), scale: this.scale }
  }
}
class Largest extends Metric {
  readonly className = 'Largest'
  readonly #largest = this.addVariable('largest')
  updateState(yTrue: Tensor, yPred: Tensor): void {
    this.#largest.assign(this.#largest.value.maximum(yPred.sub(yTrue).abs().max()))
  }
  result(): Tensor {
    return this.#largest.value
  }
}
class Signed extends optimizers.SGD {
  // Its own name; what it does is the library's.
  override readonly className = 'Signed' as 'SGD'
}
class Root extends LearningRateSchedule {
  readonly className = 'Root'
  call(step: Tensor): Tensor {
    return step.add(1).sqrt().reciprocal().mul(0.1)
  }
  getConfig() {
    return {}
  }
}
const double = (x: Tensor): Tensor => x.mul(2)
const worst = (yTrue: Tensor, yPred: Tensor): Tensor => yPred.sub(yTrue).abs().max(-1)

register('layer', Rescaling, { package: 'signal' })
register('initializer', Ramp, { package: 'signal' })
register('regularizer', Quartic, { package: 'signal' })
register('constraint', Centered, { package: 'signal' })
register('loss', Cubic, { package: 'signal' })
register('metric', Largest, { package: 'signal' })
register('metric', worst, { package: 'signal' })
register('loss', worst, { package: 'signal', name: 'worstLoss' })
register('optimizer', Signed, { package: 'signal' })
register('schedule', Root, { package: 'signal' })
register('lambda', double, { package: 'signal', name: 'double' })

const x = tensor([
  [0.1, -0.4, 0.7],
  [0.9, 0.2, -0.3],
])
const y = tensor([
  [1, 0],
  [0, 1],
])

const make = () => {
  setRandomSeed(2)
  const one = sequential([
    new Rescaling({ begins: 0.5, inputShape: [3], name: 'own' }),
    layers.lambda('signal>double'),
    layers.dense({
      units: 2,
      kernelInitializer: new Ramp({ step: 0.2 }),
      kernelRegularizer: new Quartic(),
      kernelConstraint: new Centered(),
    }),
  ])
  one.compile({
    optimizer: new Signed({ learningRate: new Root(), momentum: 0.5 }),
    loss: new Cubic({ scale: 2 }),
    metrics: [new Largest(), worst],
  })
  return one
}

const numbersOf = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)

describe('what a package has registered', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'typegrad-registered-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test.each(['model', 'model.keras', 'model.h5'])('is saved by name and made again: %s', async (name) => {
    const one = make()
    await one.fit(x, y, { epochs: 3, shuffle: false, verbose: 0 })
    await one.save(join(folder, name))
    const again = await loadModel(join(folder, name))
    expect(again.layers.find((layer) => layer.name === 'own')).toBeInstanceOf(Rescaling)
    expect(again.optimizer).toBeInstanceOf(Signed)
    expect(again.optimizer.schedule).toBeInstanceOf(Root)
    for (const each of [one, again]) {
      const { history } = await each.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 })
      expect(Object.keys(history)).toEqual(['loss', 'metric', 'worst'])
    }
    expect(await numbersOf(again.predictStep(x) as Tensor)).toEqual(await numbersOf(one.apply(x)))
    expect(await again.evaluate(x, y, { verbose: 0 })).toEqual(await one.evaluate(x, y, { verbose: 0 }))
  })

  test('is named by its package in configurations', async () => {
    const path = join(folder, 'named')
    await make().save(path)
    const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8'))
    const { class_name, registered_name } = config.config.layers[0]
    expect([class_name, registered_name]).toEqual(['Rescaling', 'signal>Rescaling'])
    expect(config.compile_config.optimizer.registered_name).toBe('signal>Signed')
  })

  test('goes by its name in options', async () => {
    const one = sequential([layers.dense({ units: 2, inputShape: [3], kernelInitializer: 'signal>Ramp' })])
    one.compile({
      optimizer: 'signal>Signed',
      loss: 'signal>worstLoss',
      metrics: ['signal>Largest', 'signal>worst'],
    })
    const logs = await one.evaluate(x, y, { verbose: 0 })
    const off = (await one.apply(x).sub(y).abs().toArray()) as number[][]
    expect(logs.metric).toBeCloseTo(Math.max(...off.flat()), 5)
    const means = off.map((row) => Math.max(...row)).reduce((sum, value) => sum + value / off.length, 0)
    expect(logs.worst).toBeCloseTo(means, 5)
    expect(logs.loss).toBeCloseTo(means, 5)
  })

  test.each([
    ['layer', 'Rescaling'],
    ['initializer', 'Ramp'],
    ['regularizer', 'Quartic'],
    ['constraint', 'Centered'],
    ['loss', 'Cubic'],
    ['metric', 'Largest'],
    ['metric', 'worst'],
    ['optimizer', 'Signed'],
    ['schedule', 'Root'],
    ['lambda', 'double'],
  ])('is refused without its package’s import, which the error names: the %s %s', async (kind, name) => {
    const path = join(folder, `missing-${name}`)
    await make().save(path)
    const file = join(path, 'config.json')
    const { crc32: _, ...config } = JSON.parse(await readFile(file, 'utf8'))
    // As if this program had not imported the package that the model was saved with.
    const text = JSON.stringify(config)
    expect(text).toContain(`"signal>${name}"`)
    await writeFile(file, text.replaceAll(`"signal>${name}"`, `"absent>${name}"`))
    const loading = loadModel(path)
    await expect(loading).rejects.toThrow(UnknownNameError)
    await expect(loading).rejects.toThrow(
      `${kind}: expected what the package 'absent' registers as 'absent>${name}', received no such registration. Import the package 'absent' first`,
    )
  })

  test('keeps adapters in folders', async () => {
    class Scaled extends WeightAdapter<'scale'> {
      readonly className = 'Scaled'
      addedWeights(weight: Tensor) {
        return { scale: { shape: weight.shape.slice(-1), initializer: 'ones' } }
      }
      compute(base: Tensor, { scale }: { readonly scale: Tensor }): Tensor {
        return base.mul(scale)
      }
    }
    register('adapter', Scaled, { package: 'signal' })
    const one = make()
    adapt(one, 'dense/kernel', new Scaled())
    one.weightPaths.get('dense/kernel/scaled/scale')?.assign(tensor([2, 3]))
    await one.save(join(folder, 'adapted'))
    const again = await loadModel(join(folder, 'adapted'))
    expect(await numbersOf(again.predictStep(x) as Tensor)).toEqual(await numbersOf(one.apply(x)))
  })

  test('has callbacks by name', () => {
    class Alarm extends Callback {
      readonly limit: number
      constructor({ limit = 1 }: { readonly limit?: number } = {}) {
        super()
        this.limit = limit
      }
    }
    register('callback', Alarm, { package: 'signal' })
    expect(callbacks.getCallback('signal>Alarm')).toBeInstanceOf(Alarm)
    const made = callbacks.getCallback({ className: 'signal>Alarm', config: { limit: 3 } })
    expect(made).toMatchObject({ limit: 3 })
    expect(callbacks.getCallback('early_stopping')).toBeInstanceOf(callbacks.EarlyStopping)
    expect(() => callbacks.getCallback('signal>Alram')).toThrow("did you mean 'signal>Alarm'")
  })

  test('is made by a function of the own where new is not the way', async () => {
    class Numbered extends Layer {
      readonly className = 'Numbered'
      readonly times: number
      constructor(times: number, options: LayerOptions = {}) {
        super(options)
        this.times = times
      }
      call(x: Tensor): Tensor {
        return x.mul(this.times)
      }
      override getConfig() {
        return { ...super.getConfig(), times: this.times }
      }
    }
    register('layer', Numbered, {
      make: ({ times, ...options }) => new Numbered(times as number, options),
    })
    const one = sequential([new Numbered(3, { inputShape: [3] })])
    // The default package is Keras's.
    const again = await readKeras(await writeKeras(one))
    expect(await numbersOf(again.apply(x))).toEqual(await numbersOf(x.mul(3)))
  })
})

test('a name belongs to one thing of a kind', () => {
  class Other extends Loss {
    readonly className = 'Cubic'
    call(yTrue: Tensor, yPred: Tensor): Tensor {
      return yPred.sub(yTrue)
    }
  }
  register('loss', Cubic, { package: 'signal' })
  expect(() => register('loss', Other, { package: 'signal', name: 'Cubic' })).toThrow(ArgumentError)
  register('loss', Other, { package: 'other', name: 'Cubic' })
  expect(() => register('loss', Other, { package: 'a>b' })).toThrow(ArgumentError)
  expect(() => register('lambda', () => 1, { package: 'signal' })).toThrow('Give it one')
  expect(() => register('loss', 'Cubic' as never)).toThrow(ArgumentError)
})
