import { type PoolingRequest, sizeOf } from 'typegrad/engine'
import { elementsOfWindowTask, maxChannelWindow } from './channel-windows.ts'
import { reachBytes } from './reach.ts'
import type { SupportRule } from './rule.ts'
import { tasksFor } from './tasks.ts'

export const pooling: SupportRule<'pooling'> = (request, { threads }) => {
  const { operation, input, output, window, isChannelsLast } = request
  const isInReach = [input, output].every((shape) => 4 * sizeOf(shape.slice(1)) < reachBytes)
  if (isChannelsLast && !isInReach) return false
  if (operation === 'maxGradient' && window.length === 2 && isOfPairs(request)) return { by: 'pairs' }
  if (!isChannelsLast || sizeOf(window) > maxChannelWindow) return false
  return { by: 'channels', parts: tasksFor(sizeOf(input), elementsOfWindowTask, threads) }
}

/** Whether windows are 2 × 2 side by side. */
const isOfPairs = ({ window, strides, padding }: PoolingRequest): boolean =>
  [...window, ...strides].every((size) => size === 2) && padding.flat().every((zeros) => zeros === 0)
