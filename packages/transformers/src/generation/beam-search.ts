import { logSumExp } from './choice.ts'
import type { LogitsProcessor } from './logits-processor.ts'

export interface BeamRules {
  readonly beams: number
  readonly lengthPenalty: number
  readonly earlyStopping: boolean | 'never'
  readonly stopIds: ReadonlySet<number>
  readonly processors: readonly LogitsProcessor[]
  /** How many tokens an answer may have. */
  readonly tokens: number
}

/** A continuation of the prompt, with the sum of its tokens' scores, or that sum over its length's power. */
export interface Beam {
  readonly ids: readonly number[]
  readonly score: number
  readonly logProbs: readonly number[]
}

interface Candidate extends Beam {
  readonly parent: number
}

/** Which of the rows each row continues next, and with which token. */
export interface BeamStep {
  readonly parents: readonly number[]
  readonly ids: readonly number[]
}

/** Scores of beams that do not exist: below all others. */
const none = -1e9

/**
 * The search for the answers with the highest log-probability to one prompt, where of each step's continuations the best few
 * are kept. It has no part in how scores are computed.
 *
 * It ends and weighs as Hugging Face's `generate(num_beams=…)` does (`_beam_search` of transformers 5): of the best
 * max(2, 1 + stop tokens) · beams continuations those among the first `beams` that have ended compete for the answers by
 * score / length^lengthPenalty, and the best of the others go on.
 */
export class BeamSearch {
  readonly #prompt: readonly number[]
  readonly #rules: BeamRules
  #running: readonly Beam[]
  #finished: readonly Beam[] = []
  #isDone = false

  constructor(prompt: readonly number[], rules: BeamRules) {
    this.#prompt = prompt
    this.#rules = rules
    // All begin alike: only the first one counts, lest they stay so.
    this.#running = Array.from({ length: rules.beams }, (_, i) => ({
      ids: [],
      logProbs: [],
      score: i === 0 ? 0 : none,
    }))
  }

  get isDone(): boolean {
    return this.#isDone
  }

  /** The best answers, the best first. */
  get answers(): readonly Beam[] {
    return this.#finished
  }

  /**
   * Takes one more token into each beam.
   *
   * @param logits scores of the words behind each beam: (beams) of (words).
   */
  step(logits: readonly Float32Array[]): BeamStep {
    const { beams, stopIds, tokens } = this.#rules
    const length = (this.#running[0] as Beam).ids.length + 1
    const best = this.#best(logits, Math.max(2, 1 + stopIds.size) * beams)
    const ends = ({ ids }: Candidate) => length >= tokens || stopIds.has(ids.at(-1) as number)
    this.#finish(best.slice(0, beams).filter(ends), length)
    const going = best.filter((candidate) => !ends(candidate))
    // What has ended goes on only where rows would be left without a token.
    const rest = best.filter(ends).map((candidate) => ({ ...candidate, score: candidate.score + none }))
    const next = [...going, ...rest].slice(0, beams)
    this.#running = next
    this.#isDone = going.length === 0 || this.#cannotImprove(length)
    return { parents: next.map(({ parent }) => parent), ids: next.map(({ ids }) => ids.at(-1) as number) }
  }

  /** The best continuations of all beams, the best first. */
  #best(logits: readonly Float32Array[], count: number): Candidate[] {
    const found: { parent: number; id: number; score: number }[] = []
    const scored = logits.map((row, parent) => {
      const { ids, score } = this.#running[parent] as Beam
      const sum = logSumExp(row)
      const scores = row.map((logit) => logit - sum)
      for (const processor of this.#rules.processors) processor.process(scores, [...this.#prompt, ...ids])
      for (let id = 0; id < scores.length; id++) {
        const total = score + (scores[id] as number)
        if (found.length === count && total <= (found[count - 1] as { score: number }).score) continue
        const at = found.findIndex((other) => other.score < total)
        found.splice(at === -1 ? found.length : at, 0, { parent, id, score: total })
        if (found.length > count) found.pop()
      }
      return { row, sum }
    })
    return found.map(({ parent, id, score }) => {
      const { ids, logProbs } = this.#running[parent] as Beam
      const { row, sum } = scored[parent] as { row: Float32Array; sum: number }
      return { parent, score, ids: [...ids, id], logProbs: [...logProbs, (row[id] as number) - sum] }
    })
  }

  #finish(ended: readonly Candidate[], length: number): void {
    const { beams, lengthPenalty, earlyStopping } = this.#rules
    if (earlyStopping === true && this.#finished.length >= beams) return
    const answers = ended.map(({ ids, logProbs, score }) => ({
      ids,
      logProbs,
      score: score / length ** lengthPenalty,
    }))
    this.#finished = [...this.#finished, ...answers].toSorted((a, b) => b.score - a.score).slice(0, beams)
  }

  /** Whether no beam that goes on can become better than the worst answer. */
  #cannotImprove(length: number): boolean {
    const { beams, lengthPenalty, earlyStopping, tokens } = this.#rules
    if (this.#finished.length < beams) return false
    if (earlyStopping === true) return true
    const longest = earlyStopping === 'never' && lengthPenalty > 0 ? tokens : length
    const possible = (this.#running[0] as Beam).score / longest ** lengthPenalty
    return possible <= (this.#finished.at(-1) as Beam).score
  }
}
