import { step, text, type Workload } from './workload.ts'

/** What learns: all weights, LoRA beside them, or LoRA beside weights of 4 bits. */
export type TuningMethod = 'full' | 'lora' | 'qlora'

/** Rank and alpha of LoRA on every dense layer but the head's. */
export const loraSizes = { rank: 8, alpha: 16 }

/** Dropout draws other numbers in each library. */
const gpt2 = {
  model_type: 'gpt2',
  architectures: ['GPT2LMHeadModel'],
  ...{ resid_pdrop: 0, embd_pdrop: 0, attn_pdrop: 0 },
  ...{ bos_token_id: 0, eos_token_id: 0 },
}

/** MiniLM's shape (Wang et al. 2020, https://arxiv.org/abs/2002.10957) with a head of two classes. */
const miniLM = {
  model_type: 'bert',
  architectures: ['BertForSequenceClassification'],
  ...{ vocab_size: 30_522, max_position_embeddings: 512, num_labels: 2 },
  ...{ hidden_size: 384, num_hidden_layers: 6, num_attention_heads: 12, intermediate_size: 1536 },
  ...{ hidden_dropout_prob: 0, attention_probs_dropout_prob: 0, classifier_dropout: 0 },
}

const common = {
  ...step,
  kind: 'tune',
  weights: [],
  perRound: 1,
  rounds: 5,
  warmUp: 1,
  tryOneThread: false,
} as const

function minilm(): Workload {
  const [batch, steps] = [32, 64]
  return {
    ...common,
    id: 'tune-minilm',
    title: `shape of MiniLM (6 × 384): full fine-tuning, batch ${batch} × ${steps} tokens, AdamW`,
    config: miniLM,
    method: 'full',
    params: { batch, steps },
    data: [
      ...text(2, batch, steps, miniLM.vocab_size),
      { name: 'y', shape: [2, batch], fill: { kind: 'integers', below: 2 } },
    ],
    memory: 2.5e9,
    target: 0.9,
  }
}

const gpt2Id = (method: TuningMethod): string => `tune-gpt2-${method}`

/** GPT-2 of 124 M parameters, by each method. */
function gpt2Tuning(method: TuningMethod): Workload {
  const [batch, steps] = [4, 256]
  const config = { ...gpt2, vocab_size: 50_257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 }
  const beside: Readonly<Record<TuningMethod, Pick<Workload, 'target' | 'beside'>>> = {
    full: {},
    lora: { target: 0.8, beside: { id: gpt2Id('full'), time: 0.75, memory: 0.6 } },
    qlora: { beside: { id: gpt2Id('full'), memory: 0.35 } },
  }
  const titles: Readonly<Record<TuningMethod, string>> = {
    full: 'full fine-tuning',
    lora: `LoRA (rank ${loraSizes.rank}, all dense layers)`,
    // PEFT's prepare_model_for_kbit_training has blocks recomputed where one says nothing else.
    qlora: `the same LoRA over 4 bits, blocks recomputed`,
  }
  return {
    ...common,
    id: gpt2Id(method),
    title: `shape of GPT-2 124M: ${titles[method]}, batch ${batch} × ${steps} tokens, AdamW`,
    config,
    method,
    params: { batch, steps, recompute: method === 'qlora' ? 1 : 0 },
    data: [...text(2, batch, steps, config.vocab_size)],
    memory: 5e9,
    ...beside[method],
  }
}

const deepId = (isRecomputed: boolean): string => `deep-gpt${isRecomputed ? '-checkpoint' : ''}`

/** 24 blocks, whose activations take most of the memory; with `checkpoint`, or Hugging Face's gradient checkpointing, their inputs. */
function deep(isRecomputed: boolean): Workload {
  const [batch, steps, blocks, width] = [8, 256, 24, 384]
  const config = { ...gpt2, vocab_size: 8192, n_positions: steps, n_embd: width, n_layer: blocks, n_head: 6 }
  return {
    ...common,
    id: deepId(isRecomputed),
    title: `${blocks} blocks of ${width}, batch ${batch} × ${steps} tokens, AdamW${isRecomputed ? ': blocks recomputed (checkpoint)' : ''}`,
    config,
    method: 'full',
    params: { batch, steps, recompute: isRecomputed ? 1 : 0 },
    data: [...text(2, batch, steps, config.vocab_size)],
    memory: 7e9,
    ...(isRecomputed && { beside: { id: deepId(false), time: 1.35, memory: 0.5 } }),
  }
}

/** Texts as rows of tokens, as a trainer gets them: to be compared with the tokens a second that it uses. */
function tokens(): Workload {
  const [texts, batch, steps] = [8000, 8, 256]
  return {
    ...common,
    id: 'tokens',
    title: `${texts.toLocaleString('en')} texts to batches of ${batch} × ${steps} tokens: WordPiece, packed, shuffled, prefetched`,
    section: 'data',
    kind: 'tokens',
    mode: 'epoch',
    params: { texts, batch, steps },
    data: [],
    // 93 batches: twenty to thirty tokens of each text, and what does not fill the last batch is left out.
    samples: 93 * batch * steps,
    memory: 1.5e9,
  }
}

export const tuningWorkloads: readonly Workload[] = [
  minilm(),
  ...(['full', 'lora', 'qlora'] as const).map(gpt2Tuning),
  deep(false),
  deep(true),
  tokens(),
]
