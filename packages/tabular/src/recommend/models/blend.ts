import { readList, readNumbers, readPart, readText, type Saved } from '../../saving/saved.ts'
import { readNeighbourScorer } from './neighbour-scorer.ts'
import type { ScoredItem, Scorer, ScorerKind } from './scorer.ts'
import { readSequenceScorer } from './sequence-scorer.ts'
import { readTowerScorer } from './tower-scorer.ts'
import { readVectorScorer } from './vector-scorer.ts'

/** A scorer of several, with the weight of its scores. */
export interface WeightedScorer {
  readonly weight: number
  readonly scorer: Scorer
}

/** The mean of several scorers by weights. */
export class BlendScorer implements Scorer {
  readonly kind = 'blend'
  readonly members: readonly WeightedScorer[]

  constructor(members: readonly WeightedScorer[]) {
    this.members = members
  }

  pairs(users: Int32Array, items: Int32Array): Float64Array {
    return this.#mean((scorer) => scorer.pairs(users, items))
  }

  all(user: number): Float64Array {
    return this.#mean((scorer) => scorer.all(user))
  }

  #mean(of: (scorer: Scorer) => Float64Array): Float64Array {
    const [first, ...others] = this.members.map(({ weight, scorer }) =>
      of(scorer).map((score) => weight * score),
    )
    return others.reduce(
      (sum, own) => sum.map((score, i) => score + (own[i] as number)),
      first as Float64Array,
    )
  }

  /** As the member says that weighs most, of those that know something. */
  similar(item: number, k: number): readonly ScoredItem[] {
    const ordered = [...this.members].sort((a, b) => b.weight - a.weight)
    return ordered.map(({ scorer }) => scorer.similar(item, k)).find(({ length }) => length > 0) ?? []
  }

  get usesFeatures(): boolean {
    return this.members.some(({ scorer }) => scorer.usesFeatures)
  }

  /** Members that know nothing of features say what they say of someone new. */
  byFeatures(features: ArrayLike<number>): Float64Array | undefined {
    return this.usesFeatures
      ? this.#mean((scorer) => scorer.byFeatures?.(features) ?? scorer.all(-1))
      : undefined
  }

  async toSaved() {
    const members: Saved[] = []
    for (const { weight, scorer } of this.members)
      members.push({ weight, kind: scorer.kind, scorer: await scorer.toSaved() })
    return { members }
  }
}

const readBlend = (saved: unknown): BlendScorer =>
  new BlendScorer(
    readList(saved, 'members').map((member) => {
      const [weight = 0] = readNumbers({ weight: [readPart(member, 'weight')] }, 'weight')
      return { weight, scorer: readScorer(member) }
    }),
  )

const readers: Readonly<Record<ScorerKind, (saved: unknown) => Scorer>> = {
  vectors: readVectorScorer,
  neighbours: readNeighbourScorer,
  sequence: readSequenceScorer,
  towers: readTowerScorer,
  blend: readBlend,
}

/** A scorer that was kept under its kind. @throws FormatError for what is damaged. */
export const readScorer = (saved: unknown): Scorer =>
  readers[readText(saved, 'kind', Object.keys(readers) as ScorerKind[])](readPart(saved, 'scorer'))
