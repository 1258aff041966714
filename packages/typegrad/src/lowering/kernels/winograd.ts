import { beforeOf, type Convolution } from '../../kernel/convolution.ts'
import type { GraphBuilder } from '../builder.ts'

/** x (N, H, W, I), kernel (3, 3, I, O), and a bias (O) where there is one → (N, H', W', O). */
export function winogradConv(
  builder: GraphBuilder,
  { input, output, padding }: Convolution,
  [x, kernel, bias]: readonly [string, string, string?],
  { hasRelu, tasks }: { readonly hasRelu: boolean; readonly tasks: number },
): string {
  const images = { input, output, before: beforeOf(padding) }
  const weights = transformed(builder, kernel, input[3] as number, output[3] as number, false)
  return builder.emitKernel(
    { kind: 'winogradConv', ...images, hasBias: bias !== undefined, hasRelu, tasks },
    bias === undefined ? [x, weights] : [x, weights, bias],
  )[0] as string
}

/** The cotangent of the output, kernel → the input's. */
export function winogradInputGradient(
  builder: GraphBuilder,
  { input, output, padding }: Convolution,
  [g, kernel]: readonly [string, string],
  tasks: number,
): string {
  const [above, left] = beforeOf(padding)
  const images = { input: output, output: input, before: [2 - above, 2 - left] } as const
  const weights = transformed(builder, kernel, input[3] as number, output[3] as number, true)
  return builder.emitKernel({ kind: 'winogradConv', ...images, hasBias: false, hasRelu: false, tasks }, [
    g,
    weights,
  ])[0] as string
}

/** x, the cotangent of the output → the kernel's (3, 3, I, O). */
export function winogradKernelGradient(
  builder: GraphBuilder,
  { input, output, padding }: Convolution,
  [x, g]: readonly [string, string],
  tasks: number,
): string {
  const images = { input, output, before: beforeOf(padding) }
  const [inputs, outputs] = [input[3] as number, output[3] as number]
  const parts = builder.emitKernel({ kind: 'winogradGradient', ...images, tasks }, [x, g])[0] as string
  return builder.emitKernel({ kind: 'winogradGradientSum', inputs, outputs, parts: tasks }, [
    parts,
  ])[0] as string
}

const transformed = (
  builder: GraphBuilder,
  kernel: string,
  inputs: number,
  outputs: number,
  isMirrored: boolean,
): string =>
  builder.emitKernel({ kind: 'winogradWeights', inputs, outputs, isMirrored }, [kernel])[0] as string
