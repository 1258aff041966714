import { takes } from '../base/takes.ts'
import { type F1ScoreOptions, FBetaScore, f1ScoreChecks } from './f-beta-score.ts'

/** See {@link f1Score}. */
@takes(f1ScoreChecks)
export class F1Score extends FBetaScore {
  override readonly className = 'F1Score'

  constructor(options: F1ScoreOptions = {}) {
    super({ ...options, beta: 1 }, 'f1_score')
  }

  override getConfig(): Record<string, unknown> {
    const { beta: _, ...config } = super.getConfig()
    return config
  }
}

/**
 * The harmonic mean of precision and recall of every class over all batches.
 *
 * @example
 * model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: [metrics.f1Score({ average: 'macro' })] })
 */
export const f1Score = (options: F1ScoreOptions = {}): F1Score => new F1Score(options)
