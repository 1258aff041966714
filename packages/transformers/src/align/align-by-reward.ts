import { Dataset, type History, optimizers } from 'typegrad'
import { checkOptions } from 'typegrad/core'
import { checksum } from '../base/checksum.ts'
import { identifyBackups, identityOf } from '../checkpoint/model-identity.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { TokenIds } from '../generation/prompts.ts'
import { type AlignByRewardOptions, alignChecks } from './align-options.ts'
import { promptIds, type TextOrIds } from './completion-ids.ts'
import { PolicyModel } from './policy-model.ts'
import { keptPolicy, otherModel } from './reference.ts'
import { namedRewards } from './rewards.ts'
import { Rollout } from './rollout.ts'
import { refuseFaults } from './scored-texts.ts'
import { causalPartsOf, checkSameWords } from './token-log-probs.ts'

/**
 * Trains a causal language model by rewards for its own answers (GRPO): each step draws a group of answers to some prompts,
 * asks the rewards, and makes those answers more likely that are better than the others of their group. No model of values
 * is trained.
 *
 * It is `fit` over a stream of answers: callbacks, schedules and backups work as they do there, the optimizer counts steps,
 * and a run that was interrupted goes on to the same weights from its last backup (with `iterations` above 1 from one that
 * was made between answers). An epoch answers each prompt once.
 *
 * Logs are `loss`, `reward` (the weighted sum), `rewardDeviation` (within groups), `reward_<name>` where there are several,
 * `answerLength`, `truncated` (shares), `clipped` (the share of tokens whose ratio was), and with `beta` above 0 `kl`.
 *
 * Shao et al. 2024 (DeepSeekMath), https://arxiv.org/abs/2402.03300; formulas and defaults are those of TRL's GRPOTrainer.
 *
 * @param prompts texts or ids of tokens.
 * @throws ArgumentError before anything runs: options that are none, prompts that are empty or leave no room for
 * `maxNewTokens`, a reference with another vocabulary. DataError for rewards that are no numbers or throw, with the prompt
 * and the function; the step is not made then, and weights and optimizer stay as they were before it.
 * @example
 * await alignByReward(model, prompts, {
 *   tokenizer,
 *   rewards: { short: ({ ids }) => -ids.length / 50, polite: { of: ({ text }) => Number(text.includes('please')), weight: 2 } },
 *   optimizer: optimizers.adamw({ learningRate: 1e-5 }),
 *   group: 8,
 *   beta: 0.02,
 * })
 */
export async function alignByReward(
  model: PretrainedModel,
  prompts: readonly TextOrIds[],
  options: AlignByRewardOptions,
): Promise<History> {
  const where = 'alignByReward'
  checkOptions(where, options, alignChecks)
  const { limits } = causalPartsOf(where, model)
  const { tokenizer, maxNewTokens = 128, promptsPerStep = 4, iterations = 1, seed = 0, beta = 0 } = options
  const read = prompts.map((prompt) => promptIds(where, prompt, tokenizer))
  checkRoom(read, limits, maxNewTokens)
  const { reference: other } = options
  if (other !== undefined) checkSameWords(`${where}: reference`, limits, causalPartsOf(where, other).limits)

  const named = namedRewards(options.rewards)
  const each = named.length > 1 ? named.map(({ name }) => `reward_${name}`) : []
  const policyOf = (of: PretrainedModel): PolicyModel =>
    new PolicyModel(of, {
      ...options,
      temperature: options.temperature ?? 1,
      maxTokens: maxNewTokens,
      hasOld: iterations > 1,
      told: ['reward', 'rewardDeviation', ...each, 'answerLength', 'truncated'],
    })
  const policy = policyOf(model)
  // TRL's learning rate.
  const { optimizer = optimizers.adamw({ learningRate: 1e-6 }), gradients, exchange } = options
  policy.compile({ optimizer, ...(gradients && { gradients }), ...(exchange && { exchange }) })
  await identifyBackups(options.callbacks, async () => identityOfAlignment(policy, model, read, options))
  const reference =
    beta === 0 ? undefined : other === undefined ? await keptPolicy(policy) : otherModel(other, policyOf)
  const rollout = new Rollout(model, policy, reference, { prompts, ids: read, options })

  let batch: ReturnType<PolicyModel['collate']> | undefined
  const { epochs, stepsPerEpoch, callbacks, verbose, signal } = options
  const places = Dataset.fromTensors([Int32Array.from(prompts.keys())]).shuffle(prompts.length, { seed })
  const endless = stepsPerEpoch === undefined ? places : places.repeat()
  const steps = endless
    .batch(promptsPerStep)
    .interleave((chosen) => Dataset.fromAsyncIterable(new Array<typeof chosen>(iterations).fill(chosen)), {
      cycleLength: 1,
    })
    .map(async ([chosen], step) => {
      if (batch === undefined || step % iterations === 0)
        batch = await rollout.batch([...(await chosen.data())].map(Number))
      return batch
    })
  return await policy.fit(steps, {
    ...(epochs !== undefined && { epochs }),
    ...(stepsPerEpoch !== undefined && { stepsPerEpoch }),
    ...(callbacks !== undefined && { callbacks }),
    ...(verbose !== undefined && { verbose }),
    ...(signal !== undefined && { signal }),
  })
}

/** What an alignment is, by which a backup of another one is told; rewards are functions, of which only the names are known. */
function identityOfAlignment(
  policy: PolicyModel,
  model: PretrainedModel,
  prompts: readonly TokenIds[],
  options: AlignByRewardOptions,
): Record<string, unknown> {
  const { promptsPerStep, group, iterations, maxNewTokens, seed, beta, temperature } = options
  return {
    model: identityOf(model),
    data: `${prompts.length} prompts, ${checksum(prompts.flatMap((ids) => [ids.length, ...ids]))}`,
    batch: { promptsPerStep, group, iterations, maxNewTokens, temperature, seed },
    rewards: namedRewards(options.rewards).map(({ name, weight }) => [name, weight]),
    loss: { beta },
    optimizer: policy.optimizer.getConfig(),
  }
}

/** Refuses prompts that cannot be answered. */
function checkRoom(
  prompts: readonly TokenIds[],
  { words, positions }: { readonly words: number; readonly positions: number },
  maxNewTokens: number,
): void {
  const room = positions - maxNewTokens
  const faults = prompts.flatMap((ids, i) => {
    const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= words)
    return [
      ...(ids.length === 0 ? [`prompt ${i} is empty`] : []),
      ...(ids.length > room ? [`prompt ${i} of ${ids.length} tokens`] : []),
      ...(wrong === undefined ? [] : [`prompt ${i} with the id ${String(wrong)}`]),
    ]
  })
  refuseFaults('alignByReward', prompts.length === 0 ? ['no prompts'] : faults, {
    expected: `prompts of 1 to ${room} tokens (${positions} positions, ${maxNewTokens} of them for maxNewTokens), ids from 0 to ${words - 1}`,
    fix: 'Cut such prompts, or allow shorter answers.',
  })
}
