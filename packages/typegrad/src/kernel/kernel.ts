/**
 * `kernel/`: pieces of fused work as plain data, and what each reads and writes. It knows `base` alone: neither the
 * graph that they come from nor the code that they become.
 */
import type { DType } from '../base/dtype.ts'
import type { Shape } from '../base/shape.ts'
import { type ChannelWindowsKernel, channelWindowInputs } from './channel-windows.ts'
import { dtypeOfValue, type ElementwiseKernel, type KernelValue } from './elementwise.ts'
import type { GatherRowsKernel } from './gather-rows.ts'
import type { MaxPoolGradientKernel } from './max-pool-gradient.ts'
import type { PanelProductKernel } from './panel-product.ts'
import { type PatchesKernel, patchesShape, type SumPatchesKernel } from './patches.ts'
import {
  matricesOf,
  type PackPanelsKernel,
  type ProductKernel,
  panelColumns,
  panelsOf,
  productBlocksOf,
  productScratchOf,
  productTiles,
} from './product.ts'
import type { ScatterAddKernel } from './scatter-add.ts'
import type { SumRowsKernel } from './sum-rows.ts'
import type { ThinProductKernel } from './thin-product.ts'
import { points, scratchOf, type WinogradKernel } from './winograd.ts'

/** The domain of operators that are kernels. */
export const kernelDomain = 'typegrad'

/**
 * Work that an engine may do by code of its own, where ONNX's operators would pass over memory several times. A model
 * names it as an operator of the domain {@link kernelDomain}.
 */
export type Kernel =
  | ChannelWindowsKernel
  | ElementwiseKernel
  | GatherRowsKernel
  | MaxPoolGradientKernel
  | PackPanelsKernel
  | PanelProductKernel
  | PatchesKernel
  | ProductKernel
  | SumPatchesKernel
  | SumRowsKernel
  | ScatterAddKernel
  | ThinProductKernel
  | WinogradKernel

/** What a kernel reads and writes. */
export interface KernelSignature {
  readonly inputs: readonly {
    readonly dtype: DType
    /** Whether it has an element for each of the outputs', in their order: an output may take its memory. */
    readonly isAligned: boolean
  }[]
  readonly outputs: readonly {
    readonly dtype: DType
    readonly shape: Shape
    /** Scratch memory, or what has elements between those that count: some are never written. */
    readonly hasGaps?: true
  }[]
}

/** Of floats alone, none of which an output may overwrite. */
const floats = (inputs: number, outputs: readonly Shape[], hasGaps = false): KernelSignature => ({
  inputs: Array.from({ length: inputs }, () => ({ dtype: 'float32', isAligned: false })),
  // A second output is scratch memory.
  outputs: outputs.map((shape, i) => ({
    dtype: 'float32',
    shape,
    ...((hasGaps || i > 0) && { hasGaps: true }),
  })),
})

export function signatureOf(kernel: Kernel): KernelSignature {
  switch (kernel.kind) {
    case 'elementwise': {
      const { axes, shape, values, outputs } = kernel
      const contiguous = axes.map((_, i) => axes.slice(i + 1).reduce((a, b) => a * b, 1))
      return {
        inputs: values.flatMap((value) => {
          if (value.kind !== 'input') return []
          const { dtype, offset, strides } = value
          const isAligned =
            offset === 0 && axes.every((size, i) => size === 1 || strides[i] === contiguous[i])
          return [{ dtype, isAligned }]
        }),
        outputs: outputs.map((i) => ({ dtype: dtypeOfValue(values[i] as KernelValue), shape })),
      }
    }
    case 'channelWindows':
      return channelWindowsSignature(kernel)
    case 'gatherRows':
      return {
        inputs: [
          { dtype: 'float32', isAligned: false },
          { dtype: kernel.indexDType, isAligned: false },
        ],
        outputs: [{ dtype: 'float32', shape: kernel.shape }],
      }
    case 'scatterAdd':
      return {
        inputs: [
          { dtype: kernel.indexDType, isAligned: false },
          { dtype: 'float32', isAligned: false },
          ...(kernel.hasBase ? [{ dtype: 'float32', isAligned: true } as const] : []),
        ],
        outputs: [{ dtype: 'float32', shape: kernel.shape }],
      }
    case 'packPanels':
      return floats(1, [
        [
          matricesOf(kernel) * panelsOf(kernel.tile, kernel.columns),
          kernel.inner,
          productTiles[kernel.tile].columns,
        ],
      ])
    case 'product': {
      const [ofRows, ofColumns] = kernel.parts
      const scratch = [matricesOf(kernel) * ofRows * ofColumns, productScratchOf(kernel)]
      return floats(
        kernel.hasBias ? 3 : 2,
        productBlocksOf(kernel).copy === undefined ? [kernel.shape] : [kernel.shape, scratch],
      )
    }
    case 'panelProduct':
      return floats(kernel.added === undefined ? 2 : 3, [[kernel.rows, kernel.columns]])
    case 'thinProduct':
      return floats(kernel.hasBias ? 3 : 2, [kernel.shape])
    case 'patches':
      return floats(1, [patchesShape(kernel, kernel.count)])
    case 'sumRows':
      return floats(1, [[kernel.parts, kernel.columns]])
    case 'sumPatches':
      return floats(1, [kernel.images])
    case 'winogradWeights': {
      const { inputs, outputs, isMirrored } = kernel
      const [inner, columns] = isMirrored ? [outputs, inputs] : [inputs, outputs]
      // The last panel may be half a one, of which the other half is not read.
      const hasGaps = columns % panelColumns > 0
      return floats(1, [[points, panelsOf('narrow', columns), inner, panelColumns]], hasGaps)
    }
    case 'winogradConv':
      return floats(kernel.hasBias ? 3 : 2, [kernel.output, [kernel.tasks, scratchOf(kernel)]])
    case 'winogradGradient': {
      const { input, output, tasks } = kernel
      const gradient = [tasks, points, input[3] as number, output[3] as number]
      return floats(2, [gradient, [tasks, scratchOf(kernel)]])
    }
    case 'winogradGradientSum':
      return floats(1, [[3, 3, kernel.inputs, kernel.outputs]])
    case 'maxPoolGradient':
      return floats(3, [kernel.shape])
  }
}

function channelWindowsSignature(kernel: ChannelWindowsKernel): KernelSignature {
  const { images, places, window, operation, parts } = kernel
  const [batch, , , channels] = images as readonly [number, number, number, number]
  const placed = [batch, ...places, channels]
  const output = {
    conv: placed,
    convInputGradient: images,
    convKernelGradient: [parts, ...window, channels],
    max: placed,
    maxGradient: images,
  }[operation]
  return floats(channelWindowInputs(kernel).length, [output])
}
