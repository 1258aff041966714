import type { BoostOptions } from '../trees/boost-options.ts'
import { boosted, readBoosted } from './boosted.ts'
import type { Candidate, CandidateKind, FittedCandidate } from './candidate.ts'
import { constant, readConstant } from './constant.ts'
import { linear, readLinear } from './linear.ts'
import { network, readNetwork } from './network.ts'
import { mlp, tabM, transformer } from './networks.ts'

const rounds = { rounds: 2000, patience: 50 } as const satisfies BoostOptions

/** What candidates are called. */
export type CandidateName =
  | 'constant'
  | 'linear'
  | 'trees'
  | 'small trees'
  | 'large trees'
  | 'tabm'
  | 'mlp'
  | 'transformer'

/** The models that are tried, in the order in which they are: the first two however short the time is. */
export const candidates: readonly Candidate<CandidateName>[] = [
  constant,
  linear,
  boosted('trees', { ...rounds, learningRate: 0.05 }),
  boosted('small trees', {
    ...rounds,
    learningRate: 0.05,
    maxLeaves: 6,
    rowShare: 0.7,
    columnShare: 0.7,
    l2: 1,
  }),
  boosted('large trees', {
    ...rounds,
    learningRate: 0.03,
    maxLeaves: 63,
    minRows: 8,
    rowShare: 0.7,
    columnShare: 0.5,
    l2: 5,
  }),
  network(tabM),
  network(mlp),
  network(transformer),
]

export const candidateNames: readonly CandidateName[] = candidates.map(({ name }) => name)

/** How many of them are tried however short the time is. */
export const leastCandidates = 2

/** Readers of what each kind of model has kept. */
export const readers: Readonly<Record<CandidateKind, (saved: unknown) => FittedCandidate>> = {
  constant: readConstant,
  linear: readLinear,
  trees: readBoosted,
  network: readNetwork,
}
