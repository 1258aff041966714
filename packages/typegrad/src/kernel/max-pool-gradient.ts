import type { Shape } from '../base/shape.ts'

/**
 * x, its maxima over windows of 2 × 2 side by side, the cotangent of the maxima → the cotangent of x. The
 * first of a window's equal maxima gets its cotangent, as in Keras and PyTorch; a last row or column that no window
 * covers gets zeros.
 */
export interface MaxPoolGradientKernel {
  readonly kind: 'maxPoolGradient'
  /** (N, C, H, W), the shape of x, or (N, H, W, C). */
  readonly shape: Shape
  readonly isChannelsLast: boolean
}
