/**
 * `kernels/`: machine code of kernels, a loop a file, on what `loop.ts` shares. It knows the assembler and kernels as
 * plain data, and of ONNX Runtime the operators that it registers.
 */

/**
 * The table from a kernel's kind to its loop. It imports every loop, and no loop imports it: what they share stands in
 * loop.ts.
 */
import type { Kernel } from 'typegrad/engine'
import type { Assembler } from '../assembler/assembler.ts'
import { emitChannelWindows } from './channel-windows-loop.ts'
import { emitElementwise } from './elementwise-loop.ts'
import { emitGatherRows } from './gather-rows-loop.ts'
import type { Loop } from './loop.ts'
import { emitMaxPoolGradientLast } from './max-pool-gradient-last-loop.ts'
import { emitMaxPoolGradient } from './max-pool-gradient-loop.ts'
import { emitPackPanels } from './pack-panels-loop.ts'
import { emitPanelProduct } from './panel-product-loop.ts'
import { emitPatches } from './patches-loop.ts'
import { emitProduct } from './product-loop.ts'
import { emitScatterAdd } from './scatter-add-loop.ts'
import { emitSumPatches } from './sum-patches-loop.ts'
import { emitSumRows } from './sum-rows-loop.ts'
import { emitThinProduct } from './thin-product-loop.ts'
import { emitWinogradConv } from './winograd-conv-loop.ts'
import { emitWinogradGradient } from './winograd-gradient-loop.ts'
import { emitWinogradGradientSum } from './winograd-gradient-sum-loop.ts'
import { emitWinogradWeights } from './winograd-weights-loop.ts'

/** A kernel's loop; loop.ts says how it is called. */
export function emitLoop(assembler: Assembler, kernel: Kernel): Loop {
  switch (kernel.kind) {
    case 'elementwise':
      return emitElementwise(assembler, kernel)
    case 'channelWindows':
      return emitChannelWindows(assembler, kernel)
    case 'maxPoolGradient':
      return kernel.isChannelsLast
        ? emitMaxPoolGradientLast(assembler, kernel)
        : emitMaxPoolGradient(assembler, kernel)
    case 'packPanels':
      return emitPackPanels(assembler, kernel)
    case 'product':
      return emitProduct(assembler, kernel)
    case 'panelProduct':
      return emitPanelProduct(assembler, kernel)
    case 'thinProduct':
      return emitThinProduct(assembler, kernel)
    case 'patches':
      return emitPatches(assembler, kernel)
    case 'sumRows':
      return emitSumRows(assembler, kernel)
    case 'sumPatches':
      return emitSumPatches(assembler, kernel)
    case 'winogradConv':
      return emitWinogradConv(assembler, kernel)
    case 'winogradGradient':
      return emitWinogradGradient(assembler, kernel)
    case 'winogradGradientSum':
      return emitWinogradGradientSum(assembler, kernel)
    case 'winogradWeights':
      return emitWinogradWeights(assembler, kernel)
    case 'gatherRows':
      return emitGatherRows(assembler, kernel)
    case 'scatterAdd':
      return emitScatterAdd(assembler, kernel)
  }
}
