import { Tensor } from '../tensor/tensor.ts'

/** Tensors in arrays and plain objects, nested as the program likes, with other values between them. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree } | Static
/** What a traced function sees as it is: a change of it makes another trace. */
export type Static = string | boolean | null | undefined

/** How leaves were put together: everything of a tree but its tensors. */
export type Structure =
  | { readonly kind: 'tensor' }
  | { readonly kind: 'static'; readonly value: unknown }
  | { readonly kind: 'array'; readonly items: readonly Structure[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Structure])[] }

const leaf: Structure = { kind: 'tensor' }

/** Appends the tree's tensors to `leaves`, in order, and returns what holds them together. */
export function flattenTree(tree: unknown, leaves: Tensor[]): Structure {
  if (tree instanceof Tensor) {
    leaves.push(tree)
    return leaf
  }
  if (Array.isArray(tree)) return { kind: 'array', items: tree.map((item) => flattenTree(item, leaves)) }
  if (typeof tree === 'object' && tree !== null && Object.getPrototypeOf(tree) === Object.prototype) {
    const entries = Object.entries(tree).map(([key, value]) => [key, flattenTree(value, leaves)] as const)
    return { kind: 'object', entries }
  }
  return { kind: 'static', value: tree }
}

/** Puts other leaves into the same structure. */
export function unflattenTree(structure: Structure, leaves: Iterator<unknown>): unknown {
  switch (structure.kind) {
    case 'tensor':
      return leaves.next().value
    case 'static':
      return structure.value
    case 'array':
      return structure.items.map((item) => unflattenTree(item, leaves))
    case 'object':
      return Object.fromEntries(structure.entries.map(([key, item]) => [key, unflattenTree(item, leaves)]))
  }
}

const identities = new WeakMap<object, number>()
let nextIdentity = 0

/** Functions and objects of classes are the same only as themselves: what they hold is not known. */
function staticKey(value: unknown): string {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
    const identity = identities.get(value) ?? nextIdentity++
    identities.set(value, identity)
    return `#${identity}`
  }
  if (typeof value === 'string') return JSON.stringify(value)
  return Object.is(value, -0) ? '-0' : `${typeof value === 'bigint' ? 'n' : ''}${String(value)}`
}

/** A string that is the same for the same structure. */
export function structureKey(structure: Structure): string {
  switch (structure.kind) {
    case 'tensor':
      return '*'
    case 'static':
      return staticKey(structure.value)
    case 'array':
      return `[${structure.items.map(structureKey).join()}]`
    case 'object':
      return `{${structure.entries.map(([key, item]) => `${JSON.stringify(key)}:${structureKey(item)}`).join()}}`
  }
}
