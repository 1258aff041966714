import { describe, expect, test } from 'vitest'
import * as typegrad from './index.ts'

/**
 * Nothing that the package exports takes an option that it does not have. Each export is given one; what takes no
 * options is named here, so that whatever is new has to be decided.
 */
const wrong = { notAnOption: 1 } as never

const factories = {
  adapters: typegrad.adapters,
  layers: typegrad.layers,
  initializers: typegrad.initializers,
  regularizers: typegrad.regularizers,
  constraints: typegrad.constraints,
  losses: typegrad.losses,
  metrics: typegrad.metrics,
  optimizers: typegrad.optimizers,
  schedules: typegrad.schedules,
  callbacks: typegrad.callbacks,
}

/** Bases of the user's own classes, what takes something else than options first, and what looks something up. */
const others = new Set(
  `adapters.WeightAdapter adapters.adapt adapters.adaptEach adapters.mergeAdapters adapters.removeAdapters
   layers.Layer layers.Wrapper layers.registerLambda
   initializers.Initializer initializers.computeFans initializers.getInitializer
   regularizers.Regularizer regularizers.getRegularizer constraints.Constraint constraints.getConstraint
   losses.Loss losses.FunctionLoss losses.getLoss
   metrics.Metric metrics.FunctionMetric metrics.PointwiseMetric metrics.getMetric
   optimizers.Optimizer optimizers.getOptimizer schedules.LearningRateSchedule schedules.getSchedule
   callbacks.Callback callbacks.CallbackList callbacks.History callbacks.getCallback`.split(/\s+/),
)

type Named = readonly [name: string, value: (options?: unknown) => unknown]

const made: Named[] = Object.entries(factories).flatMap(([kind, members]) =>
  Object.entries(members)
    .filter(([name, value]) => typeof value === 'function' && !others.has(`${kind}.${name}`))
    .map(([name, value]): Named => [`${kind}.${name}`, value as Named[1]]),
)

const isClass = (name: string): boolean => /\.[A-Z]/.test(name)

describe('an option that does not exist is refused by', () => {
  test.each(made)('%s', (name, make) => {
    const Class = make as unknown as new (options: unknown) => unknown
    expect(() => (isClass(name) ? new Class(wrong) : make(wrong))).toThrow(
      /expected .*option.*"notAnOption"/s,
    )
  })
})

describe('something else than an object of options is refused by', () => {
  test.each(made)('%s', (name, make) => {
    const Class = make as unknown as new (options: unknown) => unknown
    for (const value of [null, [1], new Date(0)]) {
      expect(() => (isClass(name) ? new Class(value) : make(value))).toThrow(typegrad.ArgumentError)
    }
  })
})

describe('a call without new says what to write:', () => {
  test.each(made.filter(([name]) => isClass(name)))('%s', (_, Class) => {
    expect(() => Class({})).toThrow(/expected the class to be used with new, received a call/)
  })
})

const { tensor, layers, sequential, Dataset, space } = typegrad
const x = tensor([[1, 2]])
const image = typegrad.ones([1, 4, 4, 1])
const kernel = typegrad.ones([2, 2, 1, 1])
const iterated = (folds: AsyncGenerator<unknown>) => folds.next()
const model = () => {
  const one = sequential([layers.dense({ units: 1, inputShape: [2] })])
  one.compile({ loss: 'mse' })
  return one
}
const numbers = Dataset.fromAsyncIterable([1, 2])

async function* batches() {
  yield [tensor([[1, 2]]), tensor([1])] as const
}

/** Calls of all else that takes options, with one that does not exist. */
const calls: Readonly<Record<string, () => unknown>> = {
  'activations.celu': () => typegrad.activations.celu(x, wrong),
  'activations.elu': () => typegrad.activations.elu(x, wrong),
  'activations.gelu': () => typegrad.activations.gelu(x, wrong),
  'activations.hardShrink': () => typegrad.activations.hardShrink(x, wrong),
  'activations.leakyRelu': () => typegrad.activations.leakyRelu(x, wrong),
  'activations.relu': () => typegrad.activations.relu(x, wrong),
  'activations.softShrink': () => typegrad.activations.softShrink(x, wrong),
  'activations.squareplus': () => typegrad.activations.squareplus(x, wrong),
  'activations.threshold': () => typegrad.activations.threshold(x, wrong),
  'random.bernoulli': () => typegrad.random.bernoulli([2], wrong),
  'random.categorical': () => typegrad.random.categorical(x, wrong),
  'random.integers': () => typegrad.random.integers([2], wrong),
  'random.normal': () => typegrad.random.normal([2], wrong),
  'random.permutation': () => typegrad.random.permutation(2, wrong),
  'random.truncatedNormal': () => typegrad.random.truncatedNormal([2], wrong),
  'random.uniform': () => typegrad.random.uniform([2], wrong),
  'space.float': () => space.float(wrong),
  'space.int': () => space.int(wrong),
  'ops.adaptiveAveragePool': () => typegrad.ops.adaptiveAveragePool(image, wrong),
  'ops.adaptiveMaxPool': () => typegrad.ops.adaptiveMaxPool(image, wrong),
  'ops.all': () => typegrad.ops.all(x, 0, wrong),
  'ops.allClose': () => typegrad.ops.allClose(x, x, wrong),
  'ops.any': () => typegrad.ops.any(x, 0, wrong),
  arange: () => typegrad.arange(0, 2, 1, wrong),
  'ops.argMax': () => typegrad.ops.argMax(x, 0, wrong),
  'ops.argMin': () => typegrad.ops.argMin(x, 0, wrong),
  'ops.argsort': () => typegrad.ops.argsort(x, 0, wrong),
  'ops.averagePool': () => typegrad.ops.averagePool(image, wrong),
  'ops.clip': () => typegrad.ops.clip(x, wrong),
  cloneModel: () => typegrad.cloneModel(model(), wrong),
  compile: () => typegrad.compile(() => x, wrong),
  'ops.conv': () => typegrad.ops.conv(image, kernel, wrong),
  'ops.convTranspose': () => typegrad.ops.convTranspose(image, kernel, wrong),
  createEngine: () => typegrad.createEngine(wrong),
  crossValidate: () => typegrad.crossValidate(model, { x: [[1, 2]], y: [1] }, wrong),
  'ops.maskedSoftmax': () => typegrad.ops.maskedSoftmax([[1, 2]], wrong),
  'ops.dotProductAttention': () => {
    const x = typegrad.ones([1, 2, 1, 4])
    return typegrad.ops.dotProductAttention(x, x, x, wrong)
  },
  'ops.quantize': () => typegrad.ops.quantize([[1, 2]], { bits: 4, ...(wrong as object) }),
  'ops.dequantize': () =>
    typegrad.ops.dequantize(typegrad.ops.quantize([[1, 2]], { bits: 4 }), { bits: 4, ...(wrong as object) }),
  exportFunction: () =>
    typegrad.exportFunction({ inputs: {}, weights: [], call: () => ({}), ...(wrong as object) }),
  'ops.ctcDecode': () => typegrad.ops.ctcDecode(typegrad.ones([1, 2, 3]), wrong),
  'ops.cumsum': () => typegrad.ops.cumsum(x, 0, wrong),
  'ops.elu': () => typegrad.ops.elu(x, wrong),
  eye: () => typegrad.eye(2, 2, wrong),
  'ops.extractPatches': () => typegrad.ops.extractPatches(image, wrong),
  full: () => typegrad.full([2], 1, wrong),
  Functional: () => new typegrad.Functional(wrong),
  'ops.gelu': () => typegrad.ops.gelu(x, wrong),
  groupKFold: () => iterated(typegrad.groupKFold([1, 2, 3], wrong)),
  input: () => typegrad.input(wrong),
  kFold: () => iterated(typegrad.kFold(10, wrong)),
  'ops.leakyRelu': () => typegrad.ops.leakyRelu(x, wrong),
  linspace: () => typegrad.linspace(0, 1, 2, wrong),
  loadModel: () => typegrad.loadModel('nowhere', wrong),
  featureSpace: () => typegrad.featureSpace(wrong),
  FeatureSpace: () => new typegrad.FeatureSpace(wrong),
  padSequences: () => typegrad.padSequences([[1]], wrong),
  timeseriesDatasetFromArray: () =>
    typegrad.timeseriesDatasetFromArray([1], [1], { sequenceLength: 1, ...(wrong as object) }),
  'random.gamma': () => typegrad.random.gamma([2], wrong),
  'random.beta': () => typegrad.random.beta([2], wrong),
  'ops.image.affineTransform': () =>
    typegrad.ops.image.affineTransform(image, [1, 0, 0, 0, 1, 0, 0, 0], wrong),
  'ops.image.cropImages': () => typegrad.ops.image.cropImages(image, wrong),
  'ops.image.elasticTransform': () =>
    typegrad.ops.image.elasticTransform(image, typegrad.ones([1, 4, 4]), typegrad.ones([1, 4, 4]), wrong),
  'ops.image.gaussianBlur': () => typegrad.ops.image.gaussianBlur(image, wrong),
  'ops.image.mapCoordinates': () => typegrad.ops.image.mapCoordinates([1, 2], [[0]], wrong),
  'ops.image.padImages': () => typegrad.ops.image.padImages(image, wrong),
  'ops.image.perspectiveTransform': () =>
    typegrad.ops.image.perspectiveTransform(image, typegrad.ones([4, 2]), typegrad.ones([4, 2]), wrong),
  'ops.image.resize': () => typegrad.ops.image.resize(image, [2, 2], wrong),
  onnxModel: () => typegrad.onnxModel(new Uint8Array(), wrong),
  gptq: () => typegrad.gptq(x, new Float64Array(1), wrong),
  constantSparsity: () => typegrad.constantSparsity(wrong),
  polynomialSparsity: () => typegrad.polynomialSparsity(wrong),
  cubicSparsity: () => typegrad.cubicSparsity(0, wrong),
  pruneWeights: () => typegrad.pruneWeights(model(), wrong),
  quantizeDynamic: () => typegrad.quantizeDynamic(model(), wrong),
  quantizeStatic: () => typegrad.quantizeStatic(model(), [], wrong),
  'ops.fakeQuantize': () => typegrad.ops.fakeQuantize(x, wrong),
  'ops.logSumExp': () => typegrad.ops.logSumExp(x, 0, wrong),
  'ops.max': () => typegrad.ops.max(x, 0, wrong),
  'ops.maxPool': () => typegrad.ops.maxPool(image, wrong),
  'ops.mean': () => typegrad.ops.mean(x, 0, wrong),
  'ops.min': () => typegrad.ops.min(x, 0, wrong),
  model: () => typegrad.model(wrong),
  'ops.norm': () => typegrad.ops.norm(x, 0, wrong),
  'ops.oneHot': () => typegrad.ops.oneHot([0, 1], 2, wrong),
  ones: () => typegrad.ones([2], wrong),
  'ops.pad': () =>
    typegrad.ops.pad(
      x,
      [
        [0, 0],
        [0, 0],
      ],
      wrong,
    ),
  plotModel: () => typegrad.plotModel(model(), wrong),
  'ops.prod': () => typegrad.ops.prod(x, 0, wrong),
  readFeatureSpace: () => typegrad.readFeatureSpace(new Uint8Array(), wrong),
  readKeras: () => typegrad.readKeras(new Uint8Array(), wrong),
  readKerasH5: () => typegrad.readKerasH5(new Uint8Array(), wrong),
  readTfjs: () => typegrad.readTfjs('{}', async () => new Uint8Array(), wrong),
  readSafetensors: () => typegrad.readSafetensors(new Uint8Array(), wrong),
  readTfjsWeights: () => typegrad.readTfjsWeights('{}', async () => new Uint8Array(), wrong),
  'ops.scan': () => typegrad.ops.scan(wrong),
  search: () => typegrad.search({ a: space.boolean() }, () => {}, wrong),
  Sequential: () => new typegrad.Sequential([], wrong),
  sequential: () => sequential([], wrong),
  'ops.sort': () => typegrad.ops.sort(x, 0, wrong),
  'ops.std': () => typegrad.ops.std(x, 0, wrong),
  stratifiedKFold: () => iterated(typegrad.stratifiedKFold([1, 1, 1, 1, 1], wrong)),
  'ops.sum': () => typegrad.ops.sum(x, 0, wrong),
  tensor: () => tensor([1], wrong),
  timeSeriesSplit: () => iterated(typegrad.timeSeriesSplit(10, wrong)),
  trainTestSplit: () => typegrad.trainTestSplit([[[1], [2]]], wrong),
  tune: () => typegrad.tune(model, { a: space.boolean() }, { x: [[1, 2]], y: [1] }, wrong),
  Variable: () => new typegrad.Variable(x, wrong),
  'ops.variance': () => typegrad.ops.variance(x, 0, wrong),
  writeSafetensors: () => typegrad.writeSafetensors('x.safetensors', {}, wrong),
  zeros: () => typegrad.zeros([2], wrong),
  'Tensor.sum': () => x.sum(0, wrong),
  'Tensor.clip': () => x.clip(wrong),
  'Dataset.batch': () => numbers.batch(2, wrong),
  'Dataset.paddedBatch': () => numbers.paddedBatch(2, wrong),
  'Dataset.chunk': () => numbers.chunk(2, wrong),
  'Dataset.map': () => numbers.map((n) => n, wrong),
  'Dataset.shuffle': () => numbers.shuffle(2, wrong),
  'Dataset.interleave': () => numbers.interleave(() => numbers, wrong),
  'losses.FunctionLoss': () => new typegrad.losses.FunctionLoss(() => x, wrong),
  'metrics.FunctionMetric': () => new typegrad.metrics.FunctionMetric(() => x, wrong),
  'losses.meanSquaredError of values': () => typegrad.metrics.meanSquaredError(x, x, wrong),
  'Model.compile': () => model().compile(wrong),
  'Model.fit': () => model().fit([[1, 2]], [1], wrong),
  'Model.fit of a stream': () => model().fit(batches(), wrong),
  'Model.evaluate': () => model().evaluate([[1, 2]], [1], wrong),
  'Model.predict': () => model().predict([[1, 2]], wrong),
  'Model.trainOnBatch': () => model().trainOnBatch([[1, 2]], [1], wrong),
  'Model.testOnBatch': () => model().testOnBatch([[1, 2]], [1], wrong),
  register: () => typegrad.register('loss', typegrad.losses.MeanSquaredError, wrong),
  'Model.summary': () => model().summary(wrong),
  'Model.loadWeights': () => model().loadWeights('x.safetensors', wrong),
  'Model.saveWeights': () => model().saveWeights('x.safetensors', wrong),
  'Model.toOnnx': () => model().toOnnx(wrong),
}

/** Exported functions without options. */
const withoutOptions = new Set(
  `adapt adaptEach checkpoint cloneLayer defaultEngine evaluateAll getEngine grad mergeAdapters onesLike parseIdx
   loadFeatureSpace removeAdapters scalar setEngine setRandomSeed takeRows valueAndGrad withEngine writeFeatureSpace writeKeras
   writeKerasH5 zerosLike
   ArgumentError DTypeError DataError EngineError FormatError ShapeError StateError TraceError TypegradError
   UnknownNameError Callback Dataset Generator History Initializer Layer Loss Metric Model OnnxModel Optimizer
   QuantizedProgram StepBatch toCategorical
   Tensor WeightAdapter
   ops.abs ops.acos ops.add ops.asin ops.at ops.atan ops.broadcastTo ops.cast ops.ceil ops.concat ops.cos
   ops.cosh ops.div ops.dot ops.dynamicSlice ops.dynamicUpdateSlice ops.einsum ops.equal ops.erf ops.exp
   ops.expandDims ops.expm1 ops.flatten ops.flip ops.floor ops.floorDiv ops.gather ops.greater ops.greaterEqual
   ops.hardSigmoid ops.hardSilu ops.image.homography ops.image.hsvToRgb ops.image.rgbToGrayscale ops.image.rgbToHsv
   ops.isNaN ops.less ops.lessEqual ops.log ops.log1p ops.logSoftmax ops.logicalAnd
   ops.logicalNot ops.logicalOr ops.logicalXor ops.matmul ops.maximum ops.minimum ops.mish ops.mod ops.mul
   ops.neg ops.normalize ops.notEqual ops.outer ops.pow ops.promoteTypes ops.reciprocal ops.relu ops.relu6
   ops.repeat ops.reshape ops.roll ops.round ops.rsqrt ops.scatterAdd ops.selu ops.sigmoid ops.sign ops.silu
   ops.sin ops.sinh ops.slice ops.softmax ops.softplus ops.softsign ops.split ops.sqrt ops.square ops.squeeze
   ops.stack ops.stopGradient ops.stridedSlice ops.sub ops.takeAlongAxis ops.tan ops.tanh ops.tanhShrink
   ops.tile ops.topK ops.transpose ops.tril ops.triu ops.unstack ops.where ops.withGradient
   activations.activationConfig activations.activationName activations.exponential activations.getActivation
   activations.glu activations.hardSigmoid activations.hardSilu activations.hardSwish activations.hardTanh
   activations.legacyHardSigmoid activations.linear activations.logSigmoid activations.logSoftmax
   activations.mish activations.relu6 activations.selu activations.sigmoid activations.silu activations.softmax
   activations.softplus activations.softsign activations.sparsePlus activations.sparseSigmoid
   activations.sparsemax activations.swish activations.tanh activations.tanhShrink space.boolean space.choice`.split(
    /\s+/,
  ),
)

describe('an option that does not exist is refused by', () => {
  test.each(Object.entries(calls))('%s', async (_, call) => {
    await expect(Promise.resolve().then(call)).rejects.toThrow(/expected .*option.*"notAnOption"/s)
  })
})

test('every export is among those that are tried', () => {
  const named = (prefix: string, members: object): string[] =>
    Object.entries(members).flatMap(([name, value]) => {
      if (name in factories) return []
      if (typeof value === 'function') return [`${prefix}${name}`]
      // Operations of images are a namespace of operations.
      const isNamespace = prefix === '' || `${prefix}${name}` === 'ops.image'
      return typeof value === 'object' && value !== null && !Array.isArray(value) && isNamespace
        ? named(`${prefix}${name}.`, value)
        : []
    })
  const forgotten = named('', typegrad).filter((name) => !(name in calls) && !withoutOptions.has(name))
  expect(forgotten).toEqual([])
})
