/** A network and how it learns. */
export interface Recipe {
  readonly layers: number
  readonly heads: number
  readonly width: number
  /** Characters of a text. */
  readonly length: number
  /** Texts of a batch. */
  readonly batchSize: number
  readonly dropout: number
  readonly steps: number
}

/** Those of nanoGPT's `config/train_shakespeare_char.py`: with the overrides that its README gives for a processor, and as it stands. */
export const recipes = {
  small: { layers: 4, heads: 4, width: 128, length: 64, batchSize: 12, dropout: 0, steps: 2000 },
  large: { layers: 6, heads: 6, width: 384, length: 256, batchSize: 64, dropout: 0.2, steps: 5000 },
} as const satisfies Readonly<Record<string, Recipe>>

/** @throws Error for a name that no recipe has. */
export function recipeOf(name: string): Recipe {
  const known: Readonly<Record<string, Recipe>> = recipes
  const found = Object.hasOwn(known, name) ? known[name] : undefined
  if (found === undefined)
    throw new Error(`--recipe: expected ${Object.keys(recipes).join(' or ')}, received '${name}'.`)
  return found
}

/** A GPT-2 of this recipe, for so many kinds of characters. */
export const configOf = ({ layers, heads, width, length, dropout }: Recipe, characters: number) => ({
  model_type: 'gpt2',
  architectures: ['GPT2LMHeadModel'],
  vocab_size: characters,
  n_positions: length,
  n_embd: width,
  n_layer: layers,
  n_head: heads,
  resid_pdrop: dropout,
  embd_pdrop: dropout,
  attn_pdrop: dropout,
})
