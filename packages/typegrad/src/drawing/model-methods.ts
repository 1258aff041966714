import { Model, type Predicted, type Prediction } from '../models/model.ts'
import { withMethods } from '../models/with-methods.ts'
import { type SummaryOptions, summary } from './summary.ts'

declare module '../models/model.ts' {
  /** How a model is shown. */
  interface Model<out P extends Prediction = Predicted> {
    /** The layers, their shapes and their parameters as a table; printed, and returned. */
    summary(options?: SummaryOptions): string
  }
}

withMethods(Model, {
  summary(options = {}) {
    return summary(this, options)
  },
})
