/**
 * `drawing/`: how a model is shown: a summary as text, a picture of its layers. It reads models and changes nothing.
 */
export { type PlotOptions, plotModel } from './plot-model.ts'
export type { SummaryOptions } from './summary.ts'
