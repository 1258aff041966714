import type { Kernel } from 'typegrad/engine'
import type { KernelSweep } from './case.ts'
import { empty } from './graphs/empty.ts'
import { convolutions, poolings } from './graphs/images.ts'
import { gathers, views } from './graphs/movement.ts'
import { attention, batchProducts, products } from './graphs/products.ts'
import { reductions } from './graphs/reductions.ts'
import { dilatedWindows, windowPoolings, windows } from './graphs/windows.ts'
import { channelWindows } from './kernels/channel-windows.ts'
import { elementwise, largeElementwise, pixelElementwise } from './kernels/elementwise.ts'
import { gatherRows } from './kernels/gather-rows.ts'
import { maxPoolGradient } from './kernels/max-pool-gradient.ts'
import { panelProduct } from './kernels/panel-product.ts'
import { patches, sumPatches } from './kernels/patches.ts'
import { batchProduct, packPanels, product } from './kernels/product.ts'
import { scatterAdd } from './kernels/scatter-add.ts'
import { sumRows } from './kernels/sum-rows.ts'
import { thinProduct } from './kernels/thin-product.ts'
import { winogradConv, winogradGradient, winogradGradientSum, winogradWeights } from './kernels/winograd.ts'
import type { Pass } from './protocol.ts'
import { hasTiles, type Sweep } from './run-sweep.ts'

/** The sweeps of each kind of kernel: a kind without one does not compile. */
export const kernelSweeps: Readonly<Record<Kernel['kind'], Readonly<Record<string, KernelSweep>>>> = {
  channelWindows: { channelWindows },
  elementwise: { elementwise, largeElementwise, pixelElementwise },
  gatherRows: { gatherRows },
  maxPoolGradient: { maxPoolGradient },
  packPanels: { packPanels },
  panelProduct: { panelProduct },
  patches: { patches },
  product: { product, batchProduct },
  sumPatches: { sumPatches },
  sumRows: { sumRows },
  scatterAdd: { scatterAdd },
  thinProduct: { thinProduct },
  winogradConv: { winogradConv },
  winogradGradient: { winogradGradient },
  winogradGradientSum: { winogradGradientSum },
  winogradWeights: { winogradWeights },
}

/** Graphs on the engine, where shapes decide which kernels there are. */
export const graphSweeps: Readonly<Record<string, Sweep>> = {
  reductions,
  products,
  batchProducts,
  attention,
  convolutions,
  poolings,
  windows,
  dilatedWindows,
  windowPoolings,
  gathers,
  views,
  empty,
}

const kernels = Object.values(kernelSweeps).flatMap((sweeps) => Object.entries(sweeps))

/** The sweeps of each pass: of the wide one those whose code depends on the width. */
export const sweepNames: Readonly<Record<Pass, readonly string[]>> = {
  narrow: [...kernels.map(([name]) => name), ...Object.keys(graphSweeps)],
  wide: kernels.flatMap(([name, { dimensions }]) => (hasTiles(dimensions) ? [name] : [])),
  compared: kernels.map(([name]) => name),
}
