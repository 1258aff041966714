import type { Shape } from '../base/shape.ts'

/**
 * x, its maxima over windows of 2 × 2 side by side, the cotangent of the maxima → the cotangent of x. Equal maxima of
 * a window share its cotangent in equal parts; a last row or column that no window covers gets zeros.
 */
export interface MaxPoolGradientKernel {
  readonly kind: 'maxPoolGradient'
  /** (N, C, H, W), the shape of x, or (N, H, W, C). */
  readonly shape: Shape
  readonly isChannelsLast: boolean
}
