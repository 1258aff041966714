import type { LabelEvent } from '../annotations/event.ts'
import type { Box, Span, Task, Values } from '../annotations/task.ts'
import { boxF1 } from './boxes.ts'
import { addedUp, type F1 } from './f1.ts'
import { saySame } from './final.ts'
import { cohenKappa, fleissKappa } from './kappa.ts'
import { krippendorffAlpha } from './krippendorff.ts'
import { spanF1 } from './spans.ts'
import { characterDifference } from './transcripts.ts'

/** How far two people agree on the samples that both have labelled. */
export interface PairAgreement {
  readonly people: readonly [string, string]
  /** Samples that both have labelled. */
  readonly samples: number
  /** Of these, those on which they say the same. */
  readonly same: number
  /** Of `class`: Cohen's κ. */
  readonly kappa?: number
  /** Of `boxes` and `spans`: the second person's by the first's, all samples together. */
  readonly f1?: F1
  /** Of `transcript`: the mean share of characters that differ. */
  readonly difference?: number
}

/** How far people agree, by what the task has for it. */
export interface Agreement {
  readonly pairs: readonly PairAgreement[]
  /** Samples that two people or more have labelled. */
  readonly samples: number
  /** Of `class`: Krippendorff's α; of `classes` the mean of the classes', each as present or not. NaN if all labels are the same. */
  readonly alpha?: number
  /** Of `classes`: α of each class. */
  readonly alphaOf?: Readonly<Record<string, number>>
  /** Of `class`, where all samples that several have labelled have the same number of labels: Fleiss' κ. */
  readonly fleissKappa?: number
  /** Of `boxes` and `spans`: that of all pairs of people together. */
  readonly f1?: F1
}

type Both<V> = readonly (readonly [first: V, second: V])[]

/** What is measured of two people's answers, beside how many are the same. */
const ofPair: { readonly [T in Task]: (both: Both<Values[T]>) => Partial<PairAgreement> } = {
  class: (both) => ({
    kappa: cohenKappa(
      both.map(([a]) => a),
      both.map(([, b]) => b),
    ),
  }),
  classes: () => ({}),
  boxes: (both) => ({ f1: addedUp(both.map(([a, b]) => boxF1(b.boxes as readonly Box[], a.boxes))) }),
  spans: (both) => ({ f1: addedUp(both.map(([a, b]) => spanF1(b as readonly Span[], a))) }),
  transcript: (both) => ({
    difference: both.reduce((sum, [a, b]) => sum + characterDifference(a, b), 0) / both.length,
  }),
}

/** What is measured of all answers. */
const ofAll: {
  readonly [T in Task]: (
    samples: readonly (readonly Values[T][])[],
    classes: readonly string[],
  ) => Partial<Agreement>
} = {
  class: (samples) => ({
    alpha: krippendorffAlpha(samples),
    ...(samples.every(({ length }) => length === samples[0]?.length) && {
      fleissKappa: fleissKappa(samples),
    }),
  }),
  classes(samples, classes) {
    const alphas = classes.map((name) =>
      krippendorffAlpha(
        samples.map((values) => values.map((value) => (value.includes(name) ? 'yes' : 'no'))),
      ),
    )
    // A class that nobody or everybody has given says nothing.
    const said = alphas.filter((alpha) => !Number.isNaN(alpha))
    return {
      alpha: said.reduce((sum, alpha) => sum + alpha, 0) / said.length,
      alphaOf: Object.fromEntries(classes.map((name, i) => [name, alphas[i] as number])),
    }
  },
  boxes: () => ({}),
  spans: () => ({}),
  transcript: () => ({}),
}

/** How far people agree. @param samples the labels of each sample. */
export function agreementOf<T extends Task>(
  task: T,
  classes: readonly string[],
  samples: readonly (readonly LabelEvent<T>[])[],
): Agreement {
  const several = samples.filter((labels) => labels.length > 1)
  if (several.length === 0) return { pairs: [], samples: 0 }
  const people = [...new Set(several.flatMap((labels) => labels.map(({ person }) => person)))].sort()
  const pairs = people.flatMap((first, i) =>
    people.slice(i + 1).flatMap((second): PairAgreement[] => {
      const both = several.flatMap((labels): Both<Values[T]> => {
        const [a, b] = [first, second].map((name) => labels.find(({ person }) => person === name))
        return a === undefined || b === undefined ? [] : [[a.value, b.value]]
      })
      if (both.length === 0) return []
      const same = both.filter(([a, b]) => saySame(task, a, b)).length
      return [{ people: [first, second], samples: both.length, same, ...ofPair[task](both) }]
    }),
  )
  const f1s = pairs.flatMap(({ f1 }) => (f1 === undefined ? [] : [f1]))
  return {
    pairs,
    samples: several.length,
    ...ofAll[task](
      several.map((labels) => labels.map(({ value }) => value)),
      classes,
    ),
    ...(f1s.length > 0 && { f1: addedUp(f1s) }),
  }
}
