import { readFileSync, rmSync } from 'node:fs'
import {
  evaluateAll,
  type Functional,
  type StepOutputs,
  type Tensor,
  type Variable,
  valueAndGrad,
} from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { inverseOf } from '../checkpoint/names.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { expectProjections, type GoldenModel, goldenFolder, type Projections } from '../testing/golden.ts'
import { advantagesOf } from './advantages.ts'
import { type DpoOptions, dpo } from './dpo.ts'
import { type JudgedAnswer, KtoModel, type KtoOptions } from './kto-model.ts'
import type { PolicyLossOptions } from './policy-loss.ts'
import { PolicyModel } from './policy-model.ts'
import { PreferenceModel, type PreferencePair } from './preference-model.ts'
import type { PreferenceObjective } from './preference-objective.ts'
import { RewardModel } from './reward-model.ts'
import {
  type CpoOptions,
  cpo,
  type OrpoOptions,
  orpo,
  type SimpoOptions,
  simpo,
} from './without-reference.ts'

interface Case<O = object> {
  readonly name: string
  readonly options: O
  readonly loss: number
  readonly metrics: Readonly<Record<string, number>>
  readonly gradients: Readonly<Record<string, Projections>>
}

type GrpoOptions = PolicyLossOptions & {
  readonly temperature?: number
  readonly scaleRewards?: 'group' | 'batch' | 'none'
}

/** What TRL's own trainers compute: `tools/golden/make_transformers_alignment.py`. */
const golden = JSON.parse(readFileSync(new URL('../../golden/alignment.json', import.meta.url), 'utf8')) as {
  readonly policy: GoldenModel
  readonly judge: GoldenModel
  readonly pairs: readonly PreferencePair[]
  readonly preferences: readonly Case[]
  readonly judged: readonly JudgedAnswer[]
  readonly kto: readonly Case<KtoOptions>[]
  readonly groups: {
    readonly prompts: readonly number[][]
    readonly answers: readonly number[][]
    readonly rewards: readonly (number | null)[][]
    readonly weights: readonly number[]
    readonly size: number
  }
  readonly grpo: readonly (Case<GrpoOptions> & {
    readonly old: boolean
    readonly truncated: readonly number[]
    readonly advantages: readonly number[]
  })[]
  readonly reward: readonly (Case<{ readonly centering?: number }> & { readonly margins: number[] | null })[]
}

const objectives: Readonly<Record<string, (options: object) => PreferenceObjective>> = {
  dpo: (options: DpoOptions) => dpo(options),
  orpo: (options: OrpoOptions) => orpo(options),
  cpo: (options: CpoOptions) => cpo(options),
  simpo: (options: SimpoOptions) => simpo(options),
}

const folders: string[] = []
const load = async (model: GoldenModel): Promise<PretrainedModel> => {
  const folder = goldenFolder(model)
  folders.push(folder)
  return await fromPretrained(folder)
}
let policy: PretrainedModel
let reference: PretrainedModel
beforeAll(async () => {
  policy = await load(golden.policy)
  reference = await load(golden.policy)
  for (const { weight } of reference.checkpointWeights) weight.assign(weight.value.mul(0.9))
})
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A tuner with what its step is asked for, all unevaluated. */
type Tuner = Functional<Tensor> & {
  readonly means: Readonly<Record<string, { reset(): void; result(): Tensor }>>
}
interface Asked {
  readonly loss: Tensor
  readonly grads: Readonly<Record<string, Tensor>>
  readonly metrics: Readonly<Record<string, Tensor>>
}

function ask(model: PretrainedModel, tuner: Tuner, x: readonly Tensor[], y: readonly Tensor[]): Asked {
  const named = model.checkpointWeights
  const variables: readonly Variable[] = named.map(({ weight }) => weight)
  let outputs: StepOutputs | undefined
  const { value, grads } = valueAndGrad(() => {
    outputs = { y, yPred: tuner.apply([...x], { training: true }) }
    return tuner.computeLoss(outputs)
  }, variables)
  tuner.computeMetrics(outputs as StepOutputs)
  return {
    loss: value,
    grads: Object.fromEntries(
      named.map(({ name, axes }, i) => {
        const gradient = grads[i] as Tensor
        return [name, axes === undefined ? gradient : gradient.transpose(inverseOf(axes))]
      }),
    ),
    metrics: Object.fromEntries(Object.entries(tuner.means).map(([name, metric]) => [name, metric.result()])),
  }
}

/** Evaluates everything in one run, and compares it with TRL's. */
async function expectAsInTrl(all: readonly (readonly [Case, Asked])[]): Promise<void> {
  await evaluateAll(
    all.flatMap(([, { loss, grads, metrics }]) => [loss, ...Object.values(grads), ...Object.values(metrics)]),
  )
  for (const [{ name, options, loss, metrics, gradients }, asked] of all) {
    const which = `${name ?? ''} ${JSON.stringify(options)}`
    const near = (got: number, expected: number, what: string) =>
      expect(Math.abs(got - expected), `${which}: ${what} ${got}, expected ${expected}`).toBeLessThanOrEqual(
        1e-5 * Math.max(1, Math.abs(expected)),
      )
    near(await asked.loss.item(), loss, 'loss')
    for (const [metric, expected] of Object.entries(metrics)) {
      const got = asked.metrics[metric]
      if (got !== undefined) near(await got.item(), expected, metric)
    }
    expect(Object.keys(asked.grads).sort()).toEqual(Object.keys(gradients).sort())
    const least = 1e-2 * Math.max(...Object.values(gradients).map(({ length }) => length))
    for (const [weight, expected] of Object.entries(gradients)) {
      const data = (await (asked.grads[weight] as Tensor).data()) as Float32Array
      expectProjections(`${which}: ${weight}`, data, expected, weight, 1e-4, least)
    }
  }
}

const inOrder = (parts: object): readonly Tensor[] =>
  Object.entries(parts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value as Tensor)

describe("as TRL's trainers compute them from the same weights and batches", () => {
  test('losses, metrics and gradients of preferences', async () => {
    const byReference = async (objective: PreferenceObjective) => {
      const tuner = new PreferenceModel(policy, objective)
      return await tuner.withReference(tuner.read(golden.pairs), reference)
    }
    const known = [await byReference(dpo()), await byReference(dpo({ tailWeight: 0.5 }))] as const
    const all = golden.preferences.map((one) => {
      const objective = objectives[one.name]?.(one.options) as PreferenceObjective
      const tuner = new PreferenceModel(policy, objective)
      const [x, y] = tuner.collate(known[objective.tailWeight === 0.5 ? 1 : 0])
      return [one, ask(policy, tuner, [x.ids, x.places], inOrder(y))] as const
    })
    await expectAsInTrl(all)
  })

  test('answers that were judged one by one (KTO)', async () => {
    const first = new KtoModel(policy)
    const known = await first.withReference(first.read(golden.judged), reference)
    const all = golden.kto.map((one) => {
      const tuner = new KtoModel(policy, one.options)
      const [x, y] = tuner.collate(known)
      return [one, ask(policy, tuner, [x.ids, x.places], inOrder(y))] as const
    })
    await expectAsInTrl(all)
  })

  test('reward models', async () => {
    const judge = await load(golden.judge)
    const all = golden.reward.map((one) => {
      const tuner = new RewardModel(judge, one.options)
      const pairs = golden.pairs.map((pair, i) => ({ ...pair, margin: one.margins?.[i] ?? 0 }))
      const [x, y] = tuner.collate(tuner.read(pairs))
      return [one, ask(judge, tuner, [x.attention_mask, x.ids], [y.margins])] as const
    })
    await expectAsInTrl(all)
  })

  test('answers of groups by their rewards (GRPO)', async () => {
    const { prompts, answers, rewards, weights, size } = golden.groups
    const all = golden.grpo.map((one) => {
      const { scaleRewards: scale = 'group', temperature = 1, ...options } = one.options
      const { advantages } = advantagesOf(
        rewards.map((row) => row.map((value) => value ?? undefined)),
        { weights, group: size, scale },
      )
      expectClose(Float32Array.from(advantages), Float32Array.from(one.advantages), { scaled: 1e-5 })
      const told = { ...options, temperature, maxTokens: 10, hasOld: one.old, told: [] }
      const [tuner, judge] = [new PolicyModel(policy, told), new PolicyModel(reference, told)]
      const [x, y] = tuner.collate(
        answers.map((answer, i) => ({
          prompt: prompts[Math.floor(i / size)] as number[],
          answer,
          advantage: advantages[i] as number,
          counts: !one.truncated.includes(i),
          told: [],
        })),
      )
      // Unevaluated, so that they become a part of the one run.
      const [now, by] = [tuner, judge].map((model) =>
        model.apply([x.ids, x.places], { training: false }).reshape(y.mask.shape),
      ) as [Tensor, Tensor]
      const parts = { ...y, reference: by, old: now.add(by).mul(0.5).stopGradient() }
      return [one, ask(policy, tuner, [x.ids, x.places], inOrder(parts))] as const
    })
    await expectAsInTrl(all)
  })
})
