import type { TreeLossName } from '../trees/losses.ts'
import { onnxLinks } from '../trees/to-onnx.ts'
import type { OnnxBuilder } from './onnx-builder.ts'

/** What scores `[rows, outputs]` of a loss predict. */
export const linkedScores = (builder: OnnxBuilder, loss: TreeLossName, scores: string): string =>
  onnxLinks[loss] === 'Identity' ? scores : builder.op(onnxLinks[loss], [scores])
