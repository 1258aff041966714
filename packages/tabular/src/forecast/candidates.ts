import { baselineForecaster } from './baselines/baseline-forecaster.ts'
import type { BaselineCandidate, CandidateName, NetworkCandidate } from './names.ts'
import { fitDeepAR, readDeepAR } from './networks/deep-ar-forecaster.ts'
import { NHits } from './networks/n-hits.ts'
import { PatchTransformer } from './networks/patch-transformer.ts'
import { fitQuantileNetwork, type MakeNetwork, readQuantileNetwork } from './networks/quantile-forecaster.ts'
import { TiDE } from './networks/tide.ts'
import type { Forecaster, ForecastTask, Past, WorkOptions } from './task.ts'

/** A model that is tried. */
export interface Candidate {
  readonly name: CandidateName
  /** Whether it is trained, on many series at once; others are fitted to each series when they forecast. */
  readonly learns: boolean
  /** Whether it is tried though nobody asks for it. */
  readonly isAlways: boolean
  /** Fits it to pasts, and fits it anew to all that is known. Undefined where nothing can be learned from them. */
  fit(task: ForecastTask, pasts: readonly Past[], options: WorkOptions): Promise<Forecaster | undefined>
  read(task: ForecastTask, saved: unknown): Forecaster
}

const baseline = (name: BaselineCandidate, isAlways: boolean): Candidate => ({
  name,
  learns: false,
  isAlways,
  fit: async (task) => baselineForecaster(name, task),
  read: (task) => baselineForecaster(name, task),
})

const network = (name: NetworkCandidate, make: MakeNetwork): Candidate => ({
  name,
  learns: true,
  isAlways: false,
  fit: (task, pasts, work) => fitQuantileNetwork(name, make, task, pasts, work),
  read: (task, saved) => readQuantileNetwork(name, make, task, saved),
})

/** The models that are tried, in the order in which they are. */
export const candidates: readonly Candidate[] = [
  baseline('naive', true),
  baseline('seasonal naive', true),
  baseline('theta', false),
  baseline('ETS', false),
  network('N-HiTS', (shape) => new NHits({ ...shape, units: 128 })),
  network('TiDE', ({ horizon, outputs }) => new TiDE({ horizon, outputs, units: 128 })),
  network('patch transformer', (shape) => new PatchTransformer(shape)),
  { name: 'DeepAR', learns: true, isAlways: false, fit: fitDeepAR, read: readDeepAR },
]

export const candidateNames: readonly CandidateName[] = candidates.map(({ name }) => name)
