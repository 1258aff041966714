import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const compiler = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url))
const shapeTypes = fileURLToPath(new URL('./shape-types.ts', import.meta.url))

/** A stand-in for Tensor: the signatures that the library's methods have, and nothing else. */
const declarations = `
import type { Broadcast, Check, Concat, ExpandDims, Gather, MatMul, Ok, Reduce, Reshape, Squeeze, Stack, Transpose } from ${JSON.stringify(shapeTypes)}
type Shape = readonly number[]
interface Tensor<S extends Shape = Shape> {
  readonly shape: S
  add<T extends Shape>(other: Tensor<T> & Check<Broadcast<S, T, 'add'>>): Tensor<Ok<Broadcast<S, T, 'add'>>>
  matmul<T extends Shape>(other: Tensor<T> & Check<MatMul<S, T>>): Tensor<Ok<MatMul<S, T>>>
  sum<A extends number>(axis: A & Check<Reduce<S, A, false, 'sum'>>): Tensor<Ok<Reduce<S, A, false, 'sum'>>>
  transpose<const P extends Shape>(perm: P & Check<Transpose<S, P>>): Tensor<Ok<Transpose<S, P>>>
  reshape<const T extends Shape>(to: T & Check<Reshape<S, T>>): Tensor<Ok<Reshape<S, T>>>
  expandDims<A extends number>(axis: A & Check<ExpandDims<S, A>>): Tensor<Ok<ExpandDims<S, A>>>
  squeeze<A extends number>(axis: A & Check<Squeeze<S, A>>): Tensor<Ok<Squeeze<S, A>>>
  gather<I extends Shape, A extends number>(indices: Tensor<I>, axis: A & Check<Gather<S, I, A>>): Tensor<Ok<Gather<S, I, A>>>
}
declare function concat<const T extends readonly Shape[]>(
  tensors: { readonly [K in keyof T]: Tensor<T[K]> } & Check<Concat<T, 0>>,
): Tensor<Ok<Concat<T, 0>>>
declare function stack<const T extends readonly Shape[]>(
  tensors: { readonly [K in keyof T]: Tensor<T[K]> } & Check<Stack<T, 0>>,
): Tensor<Ok<Stack<T, 0>>>
declare function t<const S extends Shape>(shape: S): Tensor<S>
`

/** What each line must make the compiler say. */
const mistakes: readonly (readonly [code: string, message: string])[] = [
  ['t([32, 784]).matmul(t([10, 5]))', 'matmul: inner dimensions 784 and 10 differ'],
  ['t([32, 784]).matmul(t([784, 64])).matmul(t([10]))', 'matmul: inner dimensions 64 and 10 differ'],
  ['t([2, 3]).add(t([2, 4]))', 'add: dimensions 3 and 4 do not broadcast (shapes [2, 3] and [2, 4])'],
  ['t([2, 3]).sum(2)', 'sum: axis 2 is out of range for shape [2, 3]'],
  [
    't([2, 3]).transpose([0, 0])',
    'transpose: permutation [0, 0] does not name each axis of shape [2, 3] once',
  ],
  ['t([2, 6]).reshape([-1, -1])', 'reshape: only one dimension of [-1, -1] may be -1 (from shape [2, 6])'],
  ['t([2, 3]).expandDims(-4)', 'expandDims: axis -4 is out of range for shape [2, 3]'],
  ['t([2, 3]).squeeze(0)', 'squeeze: the dimension at axis 0 of shape [2, 3] is not 1'],
  ['t([2, 3]).gather(t([5]), 2)', 'gather: axis 2 is out of range for shape [2, 3]'],
  ['concat([t([3, 2]), t([4, 5])])', 'concat: dimensions 2 and 5 differ at axis 1'],
  ['stack([t([3, 2]), t([4, 2])])', 'stack: dimensions 3 and 4 differ at axis 0'],
]

const correct = `
export const a: Tensor<[32, 10]> = t([32, 784]).matmul(t([784, 10])).add(t([10]))
export const b: Tensor<[7, 3]> = concat([t([3, 3]), t([4, 3])])
export const c: Tensor<[2, 4, 3]> = stack([t([4, 3]), t([4, 3])])
declare const anything: Tensor
export const d = anything.matmul(t([3, 4])).add(anything).sum(0)
`

describe('what the compiler says of shapes that do not fit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-shapes-'))
  let output: readonly string[] = []
  const firstLine = declarations.split('\n').length

  beforeAll(() => {
    const file = join(folder, 'fixture.ts')
    writeFileSync(file, `${declarations}\n${mistakes.map(([code]) => code).join('\n')}\n${correct}`)
    const options = [
      ...['--noEmit', '--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes'],
      ...['--allowImportingTsExtensions', '--skipLibCheck', '--pretty', 'false'],
      ...['--target', 'es2023', '--module', 'nodenext', '--moduleDetection', 'force', '--types', ''],
    ]
    try {
      execFileSync(process.execPath, [compiler, ...options, file], { encoding: 'utf8', cwd: folder })
    } catch (error) {
      output = (error as { stdout: string }).stdout.split(/\n(?=\S)/)
    }
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(mistakes)('%s', (code, message) => {
    const line = firstLine + 1 + mistakes.findIndex(([mistake]) => mistake === code)
    const said = output.find((diagnostic) => diagnostic.startsWith(`fixture.ts(${line},`))
    expect(said).toContain(message)
  })

  it('says nothing of shapes that fit or are not known', () => {
    expect(output.filter((diagnostic) => diagnostic.trim() !== '')).toHaveLength(mistakes.length)
  })
})
