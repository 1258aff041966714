import type { ChannelWindowsKernel } from '../../kernel/channel-windows.ts'
import type { Windows } from '../../kernel/patches.ts'
import { type GraphBuilder, int } from '../builder.ts'

/** What windows make of images channel by channel, as one operator. */
export function channelWindows(
  builder: GraphBuilder,
  operation: ChannelWindowsKernel['operation'],
  windows: Windows,
  inputs: readonly string[],
  parts: number,
): string {
  const result = builder.emitKernel(
    { kind: 'channelWindows', ...windows, operation, parts },
    inputs,
  )[0] as string
  if (operation !== 'convKernelGradient') return result
  const whole =
    parts === 1 ? result : builder.emit('ReduceSum', [result, builder.int64s([0])], { keepdims: int(0) })
  const [rows, columns] = windows.window
  return builder.reshape(whole, [rows, columns, 1, windows.images[3] as number])
}
