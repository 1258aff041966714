import {
  beforeOf,
  type Convolution,
  type ConvolutionRequest,
  gridOf,
  patchesShape,
  points,
  sizeOf,
  windowsOf,
} from 'typegrad/engine'
import { lanes } from '../../assembler/constant-pool.ts'
import { elementsOfWindowTask, maxChannelWindow } from './channel-windows.ts'
import { reachBytes } from './reach.ts'
import type { SupportRule } from './rule.ts'
import { multiplicationsOfTask, tasksFor } from './tasks.ts'

/** Elements of a window: it is unrolled, and 32 kilobytes of addresses fit on every thread's stack. */
const maxWindow = 1 << 12
/** Channels of a group from which products of its own are faster than the runtime's convolution. */
const minChannelsOfGroup = 8
/** Bytes of patches that stand in memory at a time. */
const maxPatchBytes = 1 << 26
/**
 * Output channels up to which the cotangent is turned around for a product, and not the patches: 28,800 places of 144
 * numbers and 16 channels then take 2.5 ms instead of 4.6 (2 cores with AVX2), 16,384 of 576 and 64 channels 18 instead
 * of 12.
 */
const maxTurnedOutputs = 32

export const convolution: SupportRule<'convolution'> = (request, { threads }) => {
  const { input, output, window, groups } = request
  const [channels, outputs] = [input.at(-1) as number, output.at(-1) as number]
  // Volumes are cut into groups before they become images.
  const isOfImages = input.length === 4
  if (isOfImages && !isInReach(request)) return false
  const isDepthwise = groups === channels && groups === outputs && sizeOf(window) <= maxChannelWindow
  if (groups > 1)
    return isOfImages && isDepthwise
      ? { by: 'channels', parts: tasksFor(sizeOf(input), elementsOfWindowTask, threads) }
      : Math.min(outputs, channels) / groups >= minChannelsOfGroup && { by: 'groups' }
  if (suitsWinograd(request)) return { by: 'winograd', tasks: winogradTasks(request, threads) }
  const seen = sizeOf(window) * channels
  return {
    by: 'patches',
    maxImages: maxImagesOf(request),
    isTransposed: outputs < seen && outputs <= maxTurnedOutputs,
  }
}

/**
 * Whether one image and what all windows see of it are near enough for machine code, and the window is of a size that
 * may be unrolled: the sum of what windows say of a pixel keeps an address for each of its elements.
 */
function isInReach(convolution: Convolution): boolean {
  const { input, output, window } = convolution
  const patches = sizeOf(patchesShape(windowsOf(convolution), 1))
  const largest = Math.max(patches, sizeOf(input.slice(1)), sizeOf(output.slice(1)))
  return sizeOf(window) <= maxWindow && 4 * largest < reachBytes
}

const maxImagesOf = (convolution: Convolution): number =>
  Math.max(1, Math.floor(maxPatchBytes / (4 * sizeOf(patchesShape(windowsOf(convolution), 1)))))

/** Of the multiplications that windows take by themselves, what transformed ones may take. */
const worthwhile = 0.75
/** Squares that a transformed kernel serves. */
const minSquares = 12

/** Whether Winograd's transforms are there for a convolution, and take fewer multiplications. */
function suitsWinograd({ input, output, window, strides, dilation, padding }: Convolution): boolean {
  const [inputs, outputs] = [input[3] as number, output[3] as number]
  const [, rows, columns] = output as readonly [number, number, number]
  if (window.some((size) => size !== 3) || [...strides, ...dilation].some((step) => step !== 1)) return false
  if (inputs % lanes > 0 || outputs % lanes > 0 || padding.some(([before]) => before > 2)) return false
  const { total, rows: high, columns: wide } = gridOf({ input, output, before: beforeOf(padding) })
  return total >= minSquares && points * high * wide <= worthwhile * 9 * rows * columns
}

function winogradTasks({ operation, input, output, padding }: ConvolutionRequest, threads: number): number {
  const [inputs, outputs] = [input[3] as number, output[3] as number]
  // What is covered with squares: the results, or the images where their cotangent is made.
  const covered = operation === 'convInputGradient' ? input : output
  const squares = gridOf({ input, output: covered, before: beforeOf(padding) }).total
  const tasks = tasksFor(points * squares * inputs * outputs, multiplicationsOfTask, threads)
  if (operation !== 'convKernelGradient') return tasks
  // The kernel that adds up the tasks' parts names places in all of them.
  const maxTasks = Math.floor((reachBytes - 1) / (4 * points * inputs * outputs))
  return Math.max(1, Math.min(tasks, maxTasks))
}
