import { isRecord } from '../base/structured.ts'
import { Tensor } from '../tensor/tensor.ts'

/** Things in lists and objects, as deep as one likes. */
export type Nested<T> = T | readonly Nested<T>[] | { readonly [name: string]: Nested<T> }

/** How data that stands in a list hangs together: each by its place in the list. */
export type Tree = Nested<number>

/** The trees of what a model's own steps are given. */
export interface DataTrees {
  readonly x: Tree
  /** Null where there are no labels. */
  readonly y: Tree | null
  /** Null where samples have no weights. */
  readonly weights: Tree | null
}

/** An array is a list of things where the first is a tensor or is structured itself; of numbers it is data. */
const isStructured = (value: unknown): boolean =>
  isRecord(value) || (Array.isArray(value) && (value[0] instanceof Tensor || isStructured(value[0])))

/** Takes data apart: its tree, and the list of what stands in it. Names go by the alphabet, as in Keras. */
export function leavesOf(data: unknown): { readonly tree: Tree; readonly leaves: readonly unknown[] } {
  const leaves: unknown[] = []
  const visit = (value: unknown): Tree => {
    if (!isStructured(value)) return leaves.push(value) - 1
    if (Array.isArray(value)) return value.map(visit)
    const record = value as Readonly<Record<string, unknown>>
    const names = Object.keys(record).sort()
    return Object.fromEntries(names.map((name) => [name, visit(record[name])]))
  }
  return { tree: visit(data), leaves }
}

/** Puts a list's members where a tree has them. */
export function planted<T>(tree: Tree, list: readonly T[]): Nested<T> {
  if (typeof tree === 'number') return list[tree] as T
  if (isList(tree)) return tree.map((one) => planted(one, list))
  return Object.fromEntries(Object.entries(tree).map(([name, one]) => [name, planted(one, list)]))
}

const isList = (tree: Tree): tree is readonly Tree[] => Array.isArray(tree)
