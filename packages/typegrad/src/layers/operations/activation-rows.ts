import { celu } from '../../activations/celu.ts'
import { glu } from '../../activations/glu.ts'
import { hardShrink } from '../../activations/hard-shrink.ts'
import { hardTanh } from '../../activations/hard-tanh.ts'
import { logSigmoid } from '../../activations/log-sigmoid.ts'
import { relu } from '../../activations/relu.ts'
import { softShrink } from '../../activations/soft-shrink.ts'
import { sparsePlus } from '../../activations/sparse-plus.ts'
import { sparseSigmoid } from '../../activations/sparse-sigmoid.ts'
import { sparsemax } from '../../activations/sparsemax.ts'
import { squareplus } from '../../activations/squareplus.ts'
import { threshold as thresholdOf } from '../../activations/threshold.ts'
import type { Check } from '../../base/options.ts'
import { boolean, integer, number, optionsOf, orNull } from '../../base/options.ts'
import * as ops from '../../ops/activations.ts'
import * as elementwise from '../../ops/elementwise.ts'
import type { TensorLike } from '../../tensor/create.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { computed, type Makers, named, operand, row, tensorOf, unary } from './row.ts'

const module = 'ops.nn'

/** An activation with one option. */
const withOption = <K extends string, V extends number | boolean>(
  option: K,
  standard: V,
  check: Check<V>,
  compute: (x: Tensor, value: V) => Tensor,
  calls: Partial<Makers> = {},
) => {
  type O = { [P in K]: V }
  return row({
    module,
    // One option, whose name is a parameter of the type.
    checks: { [option]: check } as never,
    defaults: { [option]: standard } as unknown as O,
    compute: (options: O, x: TensorLike) => compute(tensorOf(x), options[option]),
    calls,
  })
}

/** An activation along an axis, by default the last. */
const alongAxis = (
  ours: 'softmax' | 'logSoftmax' | 'sparsemax' | 'glu',
  compute: (x: Tensor, axis: number) => Tensor,
) =>
  row({
    module,
    checks: optionsOf<{ axis: number }>()({ axis: { ...integer, needed: true } }),
    defaults: { axis: -1 },
    compute: ({ axis }: { axis: number }, x: TensorLike) => compute(tensorOf(x), axis),
    calls: named(ours, (x, axis = -1) => ({ args: [operand(x)], options: { axis } })),
  })

interface KerasRelu {
  negativeSlope: number
  maxValue: number | null
  threshold: number
}

/** Activations, with the names and defaults of Keras's operations. */
export const activationRows = {
  Relu: unary('relu', elementwise.relu, module),
  Relu6: unary('relu6', ops.relu6, module),
  Sigmoid: unary('sigmoid', elementwise.sigmoid, module),
  SparseSigmoid: computed(sparseSigmoid, module),
  Softplus: unary('softplus', ops.softplus, module),
  Softsign: unary('softsign', ops.softsign, module),
  SparsePlus: computed(sparsePlus, module),
  Silu: unary('silu', ops.silu, module),
  LogSigmoid: computed(logSigmoid, module),
  HardSigmoid: unary('hardSigmoid', ops.hardSigmoid, module),
  HardSilu: unary('hardSilu', ops.hardSilu, module),
  Selu: unary('selu', ops.selu, module),
  TanhShrink: unary('tanhShrink', ops.tanhShrink, module),
  HardTanh: computed(hardTanh, module),
  SoftShrink: withOption('threshold', 0.5, number, (x, threshold) => softShrink(x, { threshold })),
  HardShrink: withOption('threshold', 0.5, number, (x, threshold) => hardShrink(x, { threshold })),
  Squareplus: withOption('b', 4, number, (x, b) => squareplus(x, { b })),
  LeakyRelu: withOption(
    'negativeSlope',
    0.2,
    number,
    (x, negativeSlope) => ops.leakyRelu(x, { negativeSlope }),
    named('leakyRelu', (x, { negativeSlope = 0.2 } = {}) => ({
      args: [operand(x)],
      options: { negativeSlope },
    })),
  ),
  Elu: withOption(
    'alpha',
    1,
    number,
    (x, alpha) => ops.elu(x, { alpha }),
    named('elu', (x, { alpha = 1 } = {}) => ({ args: [operand(x)], options: { alpha } })),
  ),
  Celu: withOption('alpha', 1, number, (x, alpha) => celu(x, { alpha })),
  Gelu: withOption(
    'approximate',
    true,
    boolean,
    (x, approximate) => ops.gelu(x, { approximate }),
    // Keras's operation approximates by default, the function here does not.
    named('gelu', (x, { approximate = false } = {}) => ({ args: [operand(x)], options: { approximate } })),
  ),
  Threshold: row({
    module,
    checks: optionsOf<{ threshold: number; defaultValue: number }>()({
      threshold: { ...number, needed: true },
      defaultValue: { ...number, needed: true },
    }),
    compute: (options: { threshold: number; defaultValue: number }, x: TensorLike) =>
      thresholdOf(tensorOf(x), options),
  }),
  Glu: alongAxis('glu', glu),
  Softmax: alongAxis('softmax', ops.softmax),
  LogSoftmax: alongAxis('logSoftmax', ops.logSoftmax),
  Sparsemax: alongAxis('sparsemax', sparsemax),
  Mish: unary('mish', ops.mish, 'activations.activations'),
  ReLU: row({
    module: 'activations.activations',
    checks: optionsOf<KerasRelu>()({
      negativeSlope: { ...number, needed: true },
      maxValue: { ...orNull(number), needed: true },
      threshold: { ...number, needed: true },
    }),
    defaults: { negativeSlope: 0, maxValue: null, threshold: 0 },
    compute: ({ negativeSlope, maxValue, threshold }: KerasRelu, x: TensorLike) =>
      relu(tensorOf(x), { negativeSlope, threshold, ...(maxValue === null ? {} : { maxValue }) }),
  }),
}
