import {
  type Axes,
  dtypeOfValue,
  type ElementwiseKernel,
  type KernelInputDType,
  type KernelOp,
  type KernelValue,
  kernelOps,
  registersNeeded,
  type Strides,
  signatureOf,
} from 'typegrad/engine'
import { interpretKernel } from 'typegrad/testing'
import { maxRegisters } from '../../../kernels/elementwise-body.ts'
import { hasWholeBytes, maxPointers } from '../../../kernels/elementwise-layout.ts'
import { type Elements, type Expected, kernelSweep } from '../case.ts'
import { around, range } from '../dimensions.ts'
import type { Random } from '../random.ts'

const allOps = Object.keys(kernelOps) as KernelOp[]
const logical: ReadonlySet<KernelOp> = new Set(['and', 'or', 'xor', 'not'])
/** Right to about two units of the last digit. */
const approximate: ReadonlySet<KernelOp> = new Set(['exp', 'tanh', 'sigmoid'])
/** What keeps a relative error as it is: all that may read an approximation. */
const gentle: ReadonlySet<KernelOp> = new Set(['copy', 'neg', 'abs', 'relu'])
/** Of +0 and −0 either may come out, so nothing that tells them apart may read it. */
const signless: ReadonlySet<KernelOp> = new Set(['max', 'min', 'relu'])
const tellsSign: ReadonlySet<KernelOp> = new Set(['div', 'reciprocal'])

const special = [0, -0, 1, -1, 0.5, -2.5, 1e-45, 1e38, -1e38, Infinity, -Infinity, Number.NaN, 88.7, -87.4]

/** Kernels without rows are cut into tasks where they cost 2¹⁹ sums; of `tanh` and a sum 31 are one element. */
const costly = 31
const smallTotal = Math.floor(2 ** 19 / costly)
const chunk = Math.floor(2 ** 17 / costly / 64) * 64

export const elementwise = kernelSweep({
  dimensions: {
    op: allOps,
    inner: [...range(1, 17), 24, 31, 32, 33, 40, 63, 64, 65, 72, 127, 128],
    near: [1, 1, 2, 3, 5],
    middle: [1, 1, 2, 4],
    far: [1, 1, 2, 3],
    inputs: [1, 2, 3, 4, 7, 10],
    length: [0, 1, 2, 5, 12],
    isInPlace: [false, true],
    hasSpecial: [false, true],
    seed: range(0, 19),
  },
  build({ op, inner, near, middle, far, inputs, length, isInPlace, hasSpecial }, random) {
    const axes = [far, middle, near, inner] as const
    const kernel = randomKernel(axes, { op, inputs, length }, random)
    return kernel && withData(kernel, { isInPlace, hasSpecial }, random)
  },
})

/** Pixels of few channels, whose rows are cut after 2048 of them; those that are no whole vectors go row by row. */
export const pixelElementwise = kernelSweep({
  dimensions: {
    op: allOps,
    channels: range(2, 8),
    pixels: [8, 16, 24, 40, 120, 12, 2040, 2048, 2056, 2064, 4096],
    middle: [1, 1, 2, 3],
    far: [1, 1, 2],
    inputs: [1, 2, 3, 4, 9, 10],
    length: [0, 1, 2, 5, 12],
    isInPlace: [false, true],
    hasSpecial: [false, true],
    seed: range(0, 19),
  },
  build({ op, channels, pixels, middle, far, inputs, length, isInPlace, hasSpecial }, random) {
    if (pixels > 120 && far * middle > 1) return undefined
    const axes = [far, middle, pixels, channels] as const
    const kernel = randomKernel(axes, { op, inputs, length }, random)
    return kernel && withData(kernel, { isInPlace, hasSpecial }, random)
  },
})

/** Kernels of several tasks, with rows and without. */
export const largeElementwise = kernelSweep({
  dimensions: {
    total: [...around(9, smallTotal), ...around(2, 5 * chunk, 5 * chunk + 64), 2 * smallTotal + 3],
    rowLength: [0, 0, 1, 7, 8, 9, 33, 1024, chunk - 1, chunk, chunk + 1],
    isInPlace: [false, true],
  },
  build({ total, rowLength, isInPlace }, random) {
    const axes: Axes = rowLength === 0 ? [1, 1, 1, total] : [1, 1, Math.ceil(total / rowLength), rowLength]
    const strides: Strides = [0, 0, axes[3], 1]
    // A row of its own for each, so that the second input is broadcast where there are rows.
    const other: Strides = [0, 0, rowLength === 0 ? 0 : 1, rowLength === 0 ? 1 : 0]
    const kernel: ElementwiseKernel = {
      kind: 'elementwise',
      shape: [axes[2] * axes[3]],
      axes,
      values: [
        { kind: 'input', dtype: 'float32', offset: 0, strides },
        { kind: 'input', dtype: 'float32', offset: 0, strides: other },
        { kind: 'op', op: 'add', operands: [0, 1] },
        { kind: 'op', op: 'tanh', operands: [2] },
      ],
      outputs: [3],
    }
    return withData(kernel, { isInPlace, hasSpecial: false }, random)
  },
})

/** How an input lies: as the output does, broadcast along some axes, spread out, turned around, backwards. */
function randomInput(axes: Axes, dtype: KernelInputDType, random: Random): KernelValue {
  const contiguous = [axes[1] * axes[2] * axes[3], axes[2] * axes[3], axes[3], 1] as const
  if (random.below(2) === 0) return { kind: 'input', dtype, offset: 0, strides: contiguous }
  if (axes[3] < 8 && axes[2] > 5 && random.below(4) > 0) return randomPixels(axes, dtype, random)
  const strides: [number, number, number, number] = [0, 0, 0, random.below(4) > 0 ? 1 : 0]
  let step = axes[3] + random.below(4)
  let offset = random.below(6)
  for (const axis of random.shuffled([0, 1, 2] as const)) {
    const kind = random.below(4)
    if (kind === 0) continue
    const isBackwards = kind === 1
    strides[axis] = isBackwards ? -step : step
    if (isBackwards) offset += step * (axes[axis] - 1)
    step *= axes[axis]
  }
  return { kind: 'input', dtype, offset, strides }
}

/** An element for each pixel, for each channel, for each image, or for each of all. */
function randomPixels(axes: Axes, dtype: KernelInputDType, random: Random): KernelValue {
  const [, middle, pixels, channels] = axes
  const along = random.pick([
    [channels, 1],
    [1, 0],
    [0, 1],
    [0, 0],
  ] as const)
  const size = 1 + along[0] * (pixels - 1) + along[1] * (channels - 1) + random.below(3)
  const strides: Strides = [random.below(2) * size * middle, random.below(2) * size, ...along]
  return { kind: 'input', dtype, offset: random.below(6), strides }
}

/** What inputs are where rows are whole vectors. */
const inputTypes: readonly KernelInputDType[] = ['float32', 'float32', 'float32', 'bool', 'bool', 'uint8']

function randomKernel(
  axes: Axes,
  { op, inputs, length }: { readonly op: KernelOp; readonly inputs: number; readonly length: number },
  random: Random,
): ElementwiseKernel | undefined {
  const mayHaveBytes = axes[3] % 8 === 0 || (axes[3] < 8 && axes[2] % 8 === 0)
  const values: KernelValue[] = []
  for (let i = 0; i < inputs; i++)
    values.push(randomInput(axes, mayHaveBytes ? random.pick(inputTypes) : 'float32', random))
  for (const value of [-1, 0.37, random.below(9) - 4]) values.push({ kind: 'constant', value })
  const loose = new Set<number>()
  const unsigned = new Set<number>()
  const first = values.length
  const push = (next: KernelOp): boolean => {
    const operands = Array.from({ length: kernelOps[next] }, (_, place) => {
      const wantsBool = logical.has(next) || next === 'toFloat' || (next === 'select' && place === 0)
      const fitting = values.flatMap((value, i) => {
        const isLogical = value.kind === 'op' && logical.has(value.op)
        // What compares or combines is a bool within the kernel too.
        const isBool = dtypeOfValue(value) === 'bool' || isLogical
        if (isBool !== wantsBool) return []
        if (loose.has(i) && !gentle.has(next)) return []
        return unsigned.has(i) && tellsSign.has(next) ? [] : [i]
      })
      return fitting.length === 0 ? undefined : random.pick(fitting.slice(-8))
    })
    if (operands.some((operand) => operand === undefined)) return false
    const known = operands as number[]
    if (approximate.has(next) || known.some((operand) => loose.has(operand))) loose.add(values.length)
    if (signless.has(next) || known.some((operand) => unsigned.has(operand))) unsigned.add(values.length)
    values.push({ kind: 'op', op: next, operands: known })
    return true
  }
  for (let i = 0; i < length; i++) push(random.pick(allOps))
  if (!push(op)) return undefined
  const last = values.length - 1
  const outputs = length > 2 && random.below(2) === 0 && first !== last ? [first, last] : [last]
  const kernel: ElementwiseKernel = { kind: 'elementwise', shape: [...axes], axes, values, outputs }
  if (!hasWholeBytes(kernel)) return undefined
  if (registersNeeded(kernel) > maxRegisters || inputs + outputs.length > maxPointers) return undefined
  return kernel
}

function withData(
  kernel: ElementwiseKernel,
  { isInPlace, hasSpecial }: { readonly isInPlace: boolean; readonly hasSpecial: boolean },
  random: Random,
) {
  const { axes, values, outputs } = kernel
  const inputs = values.flatMap((value): Elements[] => {
    if (value.kind !== 'input') return []
    const last = value.strides.reduce(
      (sum, s, axis) => sum + Math.max(0, s) * ((axes[axis] as number) - 1),
      value.offset,
    )
    if (value.dtype === 'bool') return [Uint8Array.from({ length: last + 1 }, () => random.below(2))]
    if (value.dtype === 'uint8') return [Uint8Array.from({ length: last + 1 }, () => random.below(256))]
    const data = random.floats(last + 1, 4)
    return [hasSpecial ? data.map((x) => (random.below(3) === 0 ? random.pick(special) : x)) : data]
  })
  const isLoose = values.some((value) => value.kind === 'op' && approximate.has(value.op))
  const expected = interpretKernel(kernel, inputs as Float32Array[]).map(
    (results): Expected =>
      isLoose ? { values: results, tolerance: (e) => Math.abs(e) * 2 ** -21 + 1.3e-38 } : { values: results },
  )
  const signature = signatureOf(kernel)
  const first = values[outputs[0] as number] as KernelValue
  const over = signature.inputs.findIndex(
    ({ dtype, isAligned }, i) =>
      isAligned && dtype === dtypeOfValue(first) && inputs[i]?.length === axes.reduce((a, b) => a * b, 1),
  )
  return { kernel, inputs, outputs: expected, ...(isInPlace && over >= 0 && { over }) }
}
