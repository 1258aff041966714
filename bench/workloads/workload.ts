// What is measured. A workload is data: every peer's worker makes the same model of it, from the same weights.

/** A tensor that is made before anything is measured, by a seed, and that all peers load. */
export interface TensorSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly fill: /** Evenly from −limit to limit. */
    | { readonly kind: 'uniform'; readonly limit: number }
    | { readonly kind: 'constant'; readonly value: number }
    /** Whole numbers from 0 to below − 1: int32. */
    | { readonly kind: 'integers'; readonly below: number }
    /** The first digits of MNIST: pixels from 0 to 1, or classes. */
    | { readonly kind: 'digits' | 'digit-labels' }
    /** Pixels as they are stored: uint8. */
    | { readonly kind: 'digit-bytes' }
}

export interface Workload {
  readonly id: string
  /** What the table calls it. */
  readonly title: string
  readonly section: 'machine' | 'training' | 'prediction' | 'data' | 'programs'
  /** What workers look up: the model, and what is done with it. */
  readonly kind: string
  readonly mode: 'step' | 'epoch' | 'predict'
  readonly params: Readonly<Record<string, number>>
  /** Of a model in Hugging Face's layout, its `config.json`: peers find it in the folder `model`. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Which of its weights learn, where that is not all. */
  readonly method?: 'full' | 'lora' | 'qlora'
  readonly weights: readonly TensorSpec[]
  readonly data: readonly TensorSpec[]
  /** Floating-point operations of one run, where products make up most of it. */
  readonly flops?: number
  /** Runs that one time is the mean of: more than one for what is too short for a clock. */
  readonly repeat: number
  /** Times that are taken in one round. */
  readonly perRound: number
  readonly rounds: number
  /** Runs before anything counts. */
  readonly warmUp: number
  /** Samples in one run, where the table gives samples a second. */
  readonly samples?: number
  /** Whether peers are tried with one thread, too: where a step is so short that a second one may only cost. */
  readonly tryOneThread: boolean
  /** Bytes that each peer may need at most: a machine with less runs them one after another. */
  readonly memory: number
  /** ours / best peer that issue and README aim at. */
  readonly target?: number
  /** Another of our own rows, and the shares of its time and memory that are aimed at. */
  readonly beside?: { readonly id: string; readonly time?: number; readonly memory?: number }
}

/** What most workloads have in common: a step of training. */
export const step = {
  section: 'training',
  mode: 'step',
  repeat: 1,
  perRound: 10,
  rounds: 10,
  warmUp: 10,
  tryOneThread: true,
  memory: 1e9,
} as const

/** Operations of a step: so many multiplications with an addition each forward, and twice as many backward. */
export const training = (multiplications: number): number => 6 * multiplications

/** Texts of so many words, as numbers. */
export const text = (batches: number, batch: number, steps: number, below: number): readonly TensorSpec[] => [
  { name: 'x', shape: [batches, batch, steps], fill: { kind: 'integers', below } },
]
