export { type PlotOptions, plotModel } from './plot-model.ts'
export type { SummaryOptions } from './summary.ts'
