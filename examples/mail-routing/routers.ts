import { fromPretrained, loadTokenizer } from '@typegrad/transformers'
import { dot, type MiniLM } from '../minilm.ts'
import { type Queue, queueNames, queues } from './mails.ts'

/** The scores of texts for each queue, in the order of {@link queueNames}. */
export type Router = (texts: readonly string[]) => Promise<readonly (readonly number[])[]>

/** How often a text has one of a queue's words. */
export const byWords =
  (list: 'keywords' | 'fitted'): Router =>
  async (texts) =>
    texts.map((text) => queueNames.map((name) => text.match(queues[name][list])?.length ?? 0))

/** How similar a text is to a queue's description. */
export const bySimilarity =
  (model: MiniLM): Router =>
  async (texts) => {
    const described = await model.embed(queueNames.map((name) => queues[name].description))
    const vectors = await model.embed(texts)
    return vectors.map((vector) => described.map((description) => dot(vector, description)))
  }

/**
 * How much a text entails that it is about a queue, by a model of natural language inference (Yin et al. 2019,
 * https://arxiv.org/abs/1909.00161): the text is the premise, "This mail is about {label}." the hypothesis.
 *
 * @param folder of a model for sequence classification, one of whose labels is entailment.
 * @throws Error with a sentence where there is no such label.
 */
export async function byInference(folder: string): Promise<Router> {
  const tokenizer = await loadTokenizer(folder)
  const model = await fromPretrained(folder)
  const entailment = entailmentIn(folder, model.config.id2label)
  const names = model.network.takes.map(({ name }) => name)
  const maxLength = Math.min(tokenizer.modelMaxLength ?? 512, 512)
  return async (texts) => {
    const scores: number[][] = []
    for (const text of texts) {
      const pairs = queueNames.map((name) => [text, `This mail is about ${queues[name].label}.`] as const)
      const batch = tokenizer.encodeBatch(pairs, { truncation: 'only_first', maxLength, padding: true })
      const { logits } = await model.predict(batch.tensors(names))
      if (logits === undefined) throw new Error(`${folder} is no model for sequence classification.`)
      const rows = (await logits.toArray()) as readonly (readonly number[])[]
      scores.push(rows.map((row) => row[entailment] as number))
    }
    return scores
  }
}

/** Which of a model's labels says that the hypothesis follows. */
function entailmentIn(folder: string, labels: unknown): number {
  const named = typeof labels === 'object' && labels !== null ? Object.entries(labels) : []
  const found = named.find(([, label]) => /^entail/i.test(String(label)))
  if (found !== undefined) return Number(found[0])
  throw new Error(
    `${folder} is no model of natural language inference: expected a label "entailment" in config.json (id2label), ` +
      `received ${named.map(([, label]) => label).join(', ') || 'none'}.`,
  )
}

/** The queue with the highest score; undefined where all scores are the same. */
export function queueOf(scores: readonly number[]): Queue | undefined {
  const most = Math.max(...scores)
  return scores.every((score) => score === most) ? undefined : queueNames[scores.indexOf(most)]
}
