import type { Maker } from './elementwise.ts'
import { NotHere, type RandomGraph, type Value } from './random-graph.ts'

/** Attributes of a window that fits an image, and what it slides with. */
function windowOf(g: RandomGraph, spatial: readonly number[], { dilates = true } = {}) {
  const kernel = spatial.map((size) => g.between(1, Math.min(3, size)))
  const strides = g.chance(3) ? undefined : spatial.map(() => g.between(1, 3))
  const dilations =
    dilates && g.chance(3) ? kernel.map((k, i) => ((k - 1) * 2 < (spatial[i] as number) ? 2 : 1)) : undefined
  const autoPad = g.pick([undefined, undefined, 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'])
  const isExplicit = autoPad === undefined || autoPad === 'NOTSET'
  const pads = isExplicit && !g.chance(3) ? [...kernel, ...kernel].map((k) => g.draw(k)) : undefined
  return {
    kernel,
    strides,
    dilations: autoPad?.startsWith('SAME') === true ? undefined : dilations,
    auto_pad: autoPad,
    pads,
  }
}

function image(g: RandomGraph, axes = g.between(1, 3)): Value {
  const fits = g.values.filter(
    ({ dtype, shape }) =>
      dtype === 'float32' && shape.length === axes + 2 && shape.slice(2).every((size) => size > 1),
  )
  if (fits.length > 0 && !g.chance(3)) return g.pick(fits)
  const shape = [
    g.between(1, 2),
    g.pick([1, 2, 4, 6]),
    ...Array.from({ length: axes }, () => g.between(2, 7)),
  ]
  return g.float(shape)
}

const divisors = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0)

const conv: Maker = (g) => {
  const x = image(g)
  const [, channels, ...spatial] = x.shape as readonly [number, number, ...number[]]
  const group = g.pick(divisors(channels))
  const { kernel, ...window } = windowOf(g, spatial)
  const filters = group * g.between(1, 2)
  const w = g.float([filters, channels / group, ...kernel])
  g.node('Conv', [x, w, ...(g.chance(2) ? [g.float([filters])] : [])], {
    group,
    ...window,
    kernel_shape: g.chance(2) ? kernel : undefined,
  })
}

const convTranspose: Maker = (g) => {
  const x = image(g, g.between(1, 2))
  const [, channels, ...spatial] = x.shape as readonly [number, number, ...number[]]
  const group = g.pick(divisors(channels))
  const { kernel, pads, ...window } = windowOf(g, spatial)
  const own = group * g.between(1, 2)
  const w = g.float([channels, own / group, ...kernel])
  const strides = window.strides ?? kernel.map(() => 1)
  // Where windows leave gaps ONNX says that the output is as large as the strides make it, and ONNX Runtime makes it smaller.
  if (window.auto_pad?.startsWith('SAME') === true && kernel.some((k, i) => k < (strides[i] as number)))
    throw new NotHere()
  const outputPadding = g.chance(2) ? strides.map((s) => g.draw(s)) : undefined
  g.node('ConvTranspose', [x, w, ...(g.chance(2) ? [g.float([own])] : [])], {
    group,
    pads,
    ...window,
    output_padding: outputPadding,
  })
}

const pool: Maker = (g) => {
  const x = image(g)
  const op = g.pick(['MaxPool', 'AveragePool', 'LpPool'])
  const dilates =
    op === 'MaxPool' || (op === 'AveragePool' && g.opset >= 19) || (op === 'LpPool' && g.opset >= 18)
  const { kernel, ...window } = windowOf(g, x.shape.slice(2), { dilates })
  const isAverage = op === 'AveragePool'
  g.node(op, [x], {
    kernel_shape: kernel,
    ...window,
    ceil_mode: (op === 'LpPool' && g.opset < 18) || g.chance(2) ? undefined : g.draw(2),
    count_include_pad: isAverage ? g.pick([undefined, 0, 1]) : undefined,
    p: op === 'LpPool' ? g.pick([undefined, 1, 2, 3]) : undefined,
  })
}

const maxPoolPlaces: Maker = (g) => {
  const x = image(g, 2)
  const { kernel, ...window } = windowOf(g, x.shape.slice(2))
  g.node(
    'MaxPool',
    [g.float(x.shape)],
    { kernel_shape: kernel, ...window, storage_order: g.draw(2) },
    { outputs: 2 },
  )
}

const globalPool: Maker = (g) => {
  const op = g.pick(['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'])
  g.node(op, [image(g)], { p: op === 'GlobalLpPool' ? g.pick([1, 2]) : undefined })
}

const epsilon = (g: RandomGraph) => (g.chance(2) ? undefined : { float: g.pick([1e-3, 1e-5, 0.1]) })

const normalization: Maker = (g) => {
  const x = image(g)
  const [, channels] = x.shape as readonly [number, number]
  const per = (low = -1, high = 1): Value => g.float([channels], low, high)
  const kind = g.draw(6)
  if (kind === 0)
    return g.node('BatchNormalization', [x, per(), per(), per(), per(0.2, 2)], { epsilon: epsilon(g) })
  if (kind === 1) return g.node('InstanceNormalization', [x, per(), per()], { epsilon: epsilon(g) })
  if (kind === 2)
    return g.node('LRN', [x], {
      size: g.pick([1, 2, 3, 5]),
      alpha: { float: 0.1 },
      beta: { float: 0.6 },
      bias: { float: 1.5 },
    })
  if (kind === 3) return g.node('LpNormalization', [x], { p: g.pick([1, 2]), axis: g.axis(x) })
  // Of equal elements ONNX Runtime's E[x²] − E[x]² may be below zero by rounding, and its root NaN.
  if (kind === 4)
    return g.node('MeanVarianceNormalization', [g.constant('float32', x.shape, g.distinct(x.shape))], {
      axes: [0, 2].slice(g.draw(2)),
    })
  const groups = g.pick(divisors(channels))
  if (g.opset < 21) throw new NotHere()
  return g.node('GroupNormalization', [x, per(), per()], { num_groups: groups, epsilon: epsilon(g) })
}

const layerNormalization: Maker = (g) => {
  const x = g.floatOf([1, 2, 3, 4])
  const axis = g.axis(x)
  const shape = x.shape.slice(axis)
  if (g.opset >= 23 && g.chance(2))
    return g.node('RMSNormalization', [x, g.float(shape)], { axis, epsilon: { float: 0.01 } })
  if (g.opset < 17) throw new NotHere()
  return g.node('LayerNormalization', [x, g.float(shape), ...(g.chance(2) ? [g.float(shape)] : [])], {
    axis,
    epsilon: { float: 0.01 },
  })
}

const coordinates = [
  'half_pixel',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  'tf_half_pixel_for_nn',
  'half_pixel_symmetric',
]

const resize: Maker = (g) => {
  const x = image(g, g.between(1, 2))
  const mode = g.pick(['nearest', 'linear', ...(x.shape.length === 4 ? ['cubic'] : [])])
  const isAxes = g.opset >= 18 && g.chance(2)
  const axes = isAxes ? x.shape.map((_, i) => i).slice(2) : undefined
  const spatial = x.shape.slice(2)
  const ones = isAxes ? [] : [1, 1]
  const isSizes = g.chance(2)
  const scales = spatial.map(() => g.pick([0.3, 0.5, 0.6, 0.7, 1, 1.1, 1.5, 2, 3, 2.3, 1 / 3]))
  const sizes = spatial.map((size) => g.between(1, 2 * size))
  const allowed = coordinates.filter(
    (one) =>
      (one !== 'half_pixel_symmetric' || g.opset >= 19) &&
      (one !== 'tf_half_pixel_for_nn' || g.opset < 13 || mode === 'nearest'),
  )
  const antialias = g.opset >= 18 && mode !== 'nearest' && x.shape.length === 4 && g.chance(3) ? 1 : undefined
  const coordinate = g.pick(antialias === 1 ? ['half_pixel', 'pytorch_half_pixel', 'asymmetric'] : allowed)
  const inputs = isSizes
    ? [x, undefined, undefined, g.ints([...(isAxes ? [] : x.shape.slice(0, 2)), ...sizes])]
    : [x, undefined, g.constant('float32', [ones.length + scales.length], [...ones, ...scales])]
  g.node('Resize', inputs, {
    mode,
    axes,
    coordinate_transformation_mode: coordinate,
    nearest_mode:
      mode === 'nearest'
        ? g.pick(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil', undefined])
        : undefined,
    cubic_coeff_a: mode === 'cubic' ? g.pick([undefined, { float: -0.5 }]) : undefined,
    exclude_outside: mode === 'cubic' ? g.pick([undefined, 1]) : undefined,
    antialias,
    keep_aspect_ratio_policy:
      isSizes && g.opset >= 18 ? g.pick([undefined, 'not_larger', 'not_smaller']) : undefined,
  })
}

const gridSample: Maker = (g) => {
  if (g.opset < 16) throw new NotHere()
  const axes = g.opset >= 20 && g.chance(3) ? 3 : 2
  const x = image(g, axes)
  const out = g.shape(axes)
  const linear = g.opset < 20 ? 'bilinear' : 'linear'
  const cubic = g.opset < 20 ? 'bicubic' : 'cubic'
  g.node('GridSample', [x, g.float([x.shape[0] as number, ...out, axes], -1.3, 1.3)], {
    mode: g.pick([linear, 'nearest', ...(axes === 2 ? [cubic] : [])]),
    padding_mode: g.pick(['zeros', 'border', 'reflection', undefined]),
    align_corners: g.pick([0, 1, undefined]),
  })
}

const recurrent: Maker = (g) => {
  const op = g.pick(['RNN', 'GRU', 'LSTM'])
  const gates = { RNN: 1, GRU: 3, LSTM: 4 }[op] as number
  const [time, batch, width, hidden] = [g.between(1, 4), g.between(1, 3), g.between(1, 4), g.between(1, 4)]
  const direction = g.pick(['forward', 'reverse', 'bidirectional'])
  const sides = direction === 'bidirectional' ? 2 : 1
  const lengths = g.chance(2)
    ? g.constant(
        'int32',
        [batch],
        g.floats([batch]).map(() => g.between(1, time)),
      )
    : undefined
  const state = (): Value | undefined => (g.chance(2) ? g.float([sides, batch, hidden]) : undefined)
  const inputs = [
    g.float([time, batch, width]),
    g.float([sides, gates * hidden, width], -1, 1),
    g.float([sides, gates * hidden, hidden], -1, 1),
    g.chance(2) ? g.float([sides, 2 * gates * hidden], -1, 1) : undefined,
    lengths,
    state(),
    ...(op === 'LSTM' ? [state(), g.chance(3) ? g.float([sides, 3 * hidden], -1, 1) : undefined] : []),
  ]
  const names = [
    'Sigmoid',
    'Tanh',
    'Relu',
    'Softsign',
    'HardSigmoid',
    'Elu',
    'LeakyRelu',
    'Affine',
    'ScaledTanh',
  ]
  const count = { RNN: 1, GRU: 2, LSTM: 3 }[op] as number
  const activations = g.chance(3) ? Array.from({ length: count * sides }, () => g.pick(names)) : undefined
  // Runtimes pair coefficients with activations each in their own way: only those without any are mixed.
  const plain = activations?.map((name) =>
    ['Sigmoid', 'Tanh', 'Relu', 'Softsign'].includes(name) ? name : 'Tanh',
  )
  g.node(
    op,
    inputs,
    {
      hidden_size: hidden,
      direction: direction === 'forward' && g.chance(2) ? undefined : direction,
      activations: plain,
      clip: g.chance(3) ? { float: g.pick([0.5, 1.5]) } : undefined,
      linear_before_reset: op === 'GRU' ? g.pick([0, 1, undefined]) : undefined,
      input_forget: op === 'LSTM' && g.chance(4) ? 1 : undefined,
    },
    { outputs: op === 'LSTM' ? 3 : 2 },
  )
}

const roiAlign: Maker = (g) => {
  if (g.opset < 16) throw new NotHere()
  const x = g.float([2, g.between(1, 2), g.between(3, 6), g.between(3, 6)])
  const count = g.between(1, 3)
  const boxes = Array.from({ length: count }, () => [...g.floats([2], -1, 3), ...g.floats([2], 3, 9)]).flat()
  g.node(
    'RoiAlign',
    [
      x,
      g.constant('float32', [count, 4], boxes),
      g.constant(
        'int64',
        [count],
        g.floats([count]).map(() => g.draw(2)),
      ),
    ],
    {
      output_height: g.between(1, 3),
      output_width: g.between(1, 3),
      sampling_ratio: g.between(1, 3),
      spatial_scale: { float: g.pick([0.5, 1]) },
      mode: g.pick(['avg', 'max']),
      coordinate_transformation_mode: g.pick(['half_pixel', 'output_half_pixel', undefined]),
    },
  )
}

/** Parts of spectra are zeros that either way rounds to its own: quotients of them would say nothing. */
const roundedZeros = { isLast: true } as const

const dft: Maker = (g) => {
  if (g.opset < 17) throw new NotHere()
  const isOneSided = g.chance(2)
  const x = g.float([g.between(1, 2), g.between(2, 6), g.between(2, 6), isOneSided ? 1 : g.pick([1, 2])])
  const length = g.chance(2) ? undefined : g.constant('int64', [], [g.between(2, 7)])
  const axis = g.pick([1, 2, -2])
  const attributes = {
    onesided: isOneSided ? 1 : g.pick([0, undefined]),
    inverse: !isOneSided && x.shape[3] === 2 ? g.draw(2) : 0,
  }
  if (g.opset < 20) return g.node('DFT', [x, length], { ...attributes, axis: Math.abs(axis) }, roundedZeros)
  return g.node('DFT', [x, length, g.constant('int64', [], [axis])], attributes, roundedZeros)
}

const stft: Maker = (g) => {
  if (g.opset < 17) throw new NotHere()
  const size = g.between(3, 6)
  const signal = g.float([g.between(1, 2), g.between(8, 14), 1])
  const step = g.constant('int64', [], [g.between(1, 3)])
  const inputs = [signal, step, g.float([size]), g.constant('int64', [], [size])]
  g.node('STFT', inputs, { onesided: g.pick([0, 1]) }, roundedZeros)
}

const loss: Maker = (g) => {
  const op = g.pick(['SoftmaxCrossEntropyLoss', 'NegativeLogLikelihoodLoss'])
  const [batch, classes] = [g.between(1, 3), g.between(2, 4)]
  const rest = g.shape(g.draw(3))
  const target = g.constant(
    'int64',
    [batch, ...rest],
    g.floats([batch, ...rest]).map(() => g.draw(classes)),
  )
  g.node(
    op,
    [g.float([batch, classes, ...rest]), target, ...(g.chance(2) ? [g.float([classes], 0.1, 2)] : [])],
    {
      reduction: g.pick(['mean', 'sum', 'none', undefined]),
      ignore_index: g.pick([undefined, 0, 1, -100]),
    },
  )
}

export const layerMakers: Readonly<Record<string, Maker>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  DFT: dft,
  GlobalPool: globalPool,
  GridSample: gridSample,
  LayerNormalization: layerNormalization,
  Loss: loss,
  MaxPoolPlaces: maxPoolPlaces,
  Normalization: normalization,
  Pool: pool,
  Recurrent: recurrent,
  Resize: resize,
  RoiAlign: roiAlign,
  STFT: stft,
}
