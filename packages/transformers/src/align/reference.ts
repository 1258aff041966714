import { compile, type Tensor, tensor } from 'typegrad'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { weightedSums } from './pair-values.ts'
import type { PolicyModel } from './policy-model.ts'

/** How likely tokens were to a model that does not change: as `TokenLogProbs` gives them. */
export type ReferenceLogProbs = (x: { readonly ids: Tensor; readonly places: Tensor }) => Promise<Tensor>

/** What can be asked for two texts of each sample. */
interface Judge<S> {
  collate(
    samples: readonly S[],
  ): readonly [x: { readonly ids: Tensor; readonly places: Tensor }, y: { readonly weights: Tensor }]
  predictOnBatch(x: { readonly ids: Tensor; readonly places: Tensor }): Promise<Tensor>
}

/** Samples with what a model takes their two texts for: sums of log-probabilities. */
export async function scoredBy<S extends object>(
  judge: Judge<S>,
  samples: readonly S[],
  batchSize: number,
): Promise<readonly (S & { readonly reference: readonly [first: number, second: number] })[]> {
  const sums: number[] = []
  for (let at = 0; at < samples.length; at += batchSize) {
    const [x, { weights }] = judge.collate(samples.slice(at, at + batchSize))
    sums.push(...Array.from(await weightedSums(await judge.predictOnBatch(x), weights).data(), Number))
  }
  return samples.map((sample, i) => ({
    ...sample,
    reference: [sums[2 * i] as number, sums[2 * i + 1] as number],
  }))
}

/** The policy as it is at this moment: copies of the weights that training changes, and no more. */
export async function keptPolicy(policy: PolicyModel): Promise<ReferenceLogProbs> {
  const trained = new Set(policy.trainableWeights)
  const values: Record<string, Tensor> = {}
  for (const [path, value] of Object.entries(policy.weightValues((_, weight) => trained.has(weight))))
    values[path] = tensor(await value.data(), { shape: value.shape })
  const run = compile(
    (kept: Readonly<Record<string, Tensor>>, ids: Tensor, places: Tensor) =>
      policy.applyWith(kept, [ids, places], { training: false }),
    { engine: () => policy.engine },
  )
  return ({ ids, places }) => run(values, ids, places)
}

/** Another model. @param policyOf makes one of the kind that answers are judged by. */
export function otherModel(
  model: PretrainedModel,
  policyOf: (model: PretrainedModel) => PolicyModel,
): ReferenceLogProbs {
  const judge = policyOf(model)
  return (x) => judge.predictOnBatch(x)
}
