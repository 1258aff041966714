import { step, text, type Workload } from './workload.ts'

/** Shapes of models that people run, with weights at their beginning: what a step takes does not depend on them. */
const shapes = {
  'GPT-2 124M': {
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    vocab_size: 50257,
    n_positions: 1024,
    n_embd: 768,
    n_layer: 12,
    n_head: 12,
  },
  'SmolLM2-135M': {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    vocab_size: 49152,
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    max_position_embeddings: 2048,
    rope_theta: 100000,
    tie_word_embeddings: true,
  },
} as const

const [prompt, tokens] = [32, 32]

function generation(name: keyof typeof shapes, bits?: 4 | 8): Workload {
  const config = shapes[name]
  return {
    ...step,
    section: 'prediction',
    id: `generate-${config.model_type}${bits === undefined ? '' : `-${bits}`}`,
    title: `shape of ${name}${bits === undefined ? '' : `, weights of ${bits} bits`}: ${tokens} tokens behind ${prompt}, greedy`,
    kind: 'generate',
    mode: 'predict',
    config,
    params: { prompt, tokens, ...(bits !== undefined && { bits }) },
    weights: [],
    data: text(4, 1, prompt, config.vocab_size),
    perRound: 1,
    rounds: 7,
    warmUp: 2,
    samples: tokens,
    // Steps of few rows wait for memory: one thread alone reads half of it.
    tryOneThread: false,
    memory: 2.5e9,
    target: bits === undefined ? 1 : 1.25,
  }
}

/** MiniLM with its real weights, from texts to vectors. */
const embedding = (batch: number): Workload => ({
  ...step,
  section: 'prediction',
  id: `embed-minilm-${batch}`,
  title: `MiniLM, ${batch === 1 ? 'one sentence' : `${batch} sentences`} to ${batch === 1 ? 'a vector' : 'vectors'}`,
  kind: 'embed',
  mode: 'predict',
  params: { batch },
  weights: [],
  data: [],
  perRound: batch === 1 ? 50 : 3,
  warmUp: batch === 1 ? 200 : 5,
  samples: batch,
  target: 0.8,
})

export const pretrainedWorkloads: readonly Workload[] = [
  embedding(1),
  embedding(64),
  ...(['GPT-2 124M', 'SmolLM2-135M'] as const).flatMap((name) => [
    generation(name),
    generation(name, 8),
    generation(name, 4),
  ]),
]

/** Sentences of everyday lengths, all different. */
export function sentences(count: number): string[] {
  const subjects = ['The nurse', 'Our supplier', 'A customer from Lyon', 'The night shift', 'My neighbour']
  const verbs = ['asked for', 'returned', 'could not find', 'praised', 'wrote twice about', 'is waiting for']
  const objects = [
    'the invoice of last month',
    'a delivery that should have come on Monday',
    'the results of the blood test',
    'a refund, because the second parcel was damaged',
    'the manual of the new packing machine, which is only there in German',
  ]
  return Array.from({ length: count }, (_, i) => {
    const part = (list: readonly string[], step: number) => list[Math.floor(i / step) % list.length]
    return `${part(subjects, 1)} ${part(verbs, 5)} ${part(objects, 3)}, and call ${1000 + i} says so.`
  })
}
