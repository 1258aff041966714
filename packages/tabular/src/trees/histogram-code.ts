import { type Code, encodeModule, i32, v128, type WasmFunction, wasm } from './wasm-module.ts'
import { type WasmMemory, webAssembly } from './webassembly.ts'

/** Bins of a histogram: 255 for values and one for what is missing. A bin's number is a byte. */
export const binsPerColumn = 256

/** Columns that one pass over the rows takes: more would not fit the registers of a processor. */
export const columnsPerPass = 4

/** Bytes of a column's sums (two float64 a bin) and counts (a uint32 a bin). */
export const sumBytes = binsPerColumn * 16
export const countBytes = binsPerColumn * 4

/**
 * Adds the rows of a node to the histograms of several columns at once, in WebAssembly with its 128-bit vectors: a bin's gradient and
 * hessian are one vector, so that a row costs a column one load, one addition and one store, and rows and gradients are read once for
 * all of the columns. JavaScript needs three to five times as long for the same.
 *
 * Parameters, all of them addresses: rows (uint32 each), their end, pairs of gradient and hessian in the order of the rows (float32),
 * sums, counts, and a column of bins (a byte a row of the table) for each of `columns`.
 *
 * @param counts whether rows are counted. Where all hessians are 1, their sums are the counts.
 */
function histogramFunction(columns: number, counts: boolean): WasmFunction {
  const [rows, end, pairs, sums, counted, firstColumn] = [0, 1, 2, 3, 4, 5]
  const parameters = firstColumn + columns
  const [row, pair, bin, at] = [parameters, parameters + 1, parameters + 2, parameters + 3]
  const { get, set, tee, constant, add } = wasm
  const addToColumn = (column: number): Code => [
    // at = sums + 16 · bins[column][row]
    ...[...get(sums), ...get(firstColumn + column), ...get(row), ...add, ...wasm.load8(), ...tee(bin)],
    ...[...constant(4), ...wasm.shiftLeft, ...add, ...tee(at)],
    ...[...get(at), ...wasm.loadVector(column * sumBytes), ...get(pair), ...wasm.addDoubles],
    ...wasm.storeVector(column * sumBytes),
    ...(counts
      ? [
          ...[...get(counted), ...get(bin), ...constant(2), ...wasm.shiftLeft, ...add, ...tee(at)],
          ...[...get(at), ...wasm.load(column * countBytes), ...constant(1), ...add],
          ...wasm.store(column * countBytes),
        ]
      : []),
  ]
  return {
    name: functionName(columns, counts),
    parameters,
    locals: [i32, v128, i32, i32],
    body: wasm.loop([
      ...[...get(rows), ...wasm.load(), ...set(row)],
      ...[...get(pairs), ...wasm.loadFloatPair(), ...wasm.promote, ...set(pair)],
      ...Array.from({ length: columns }, (_, column) => addToColumn(column)).flat(),
      ...[...get(pairs), ...constant(8), ...add, ...set(pairs)],
      ...[...get(rows), ...constant(4), ...add, ...tee(rows), ...get(end), ...wasm.lessUnsigned],
      ...wasm.repeatIf,
    ]),
  }
}

const functionName = (columns: number, counts: boolean): string =>
  `${counts ? 'counted' : 'summed'}${columns}`

/** Copies the pairs of a node's rows into their order. Parameters: rows, their end, pairs of all rows, and where to. */
function gatherFunction(): WasmFunction {
  const [rows, end, pairs, to] = [0, 1, 2, 3]
  const { get, set, tee, constant, add } = wasm
  return {
    name: 'gather',
    parameters: 4,
    locals: [],
    body: wasm.loop([
      ...get(to),
      ...[...get(pairs), ...get(rows), ...wasm.load(), ...constant(3), ...wasm.shiftLeft, ...add],
      ...[...wasm.loadLong(), ...wasm.storeLong()],
      ...[...get(to), ...constant(8), ...add, ...set(to)],
      ...[...get(rows), ...constant(4), ...add, ...tee(rows), ...get(end), ...wasm.lessUnsigned],
      ...wasm.repeatIf,
    ]),
  }
}

/**
 * Puts the rows of a node that go left before the others, which it writes elsewhere, each in their order. There is no branch, which no
 * processor could foresee: a row is written on both sides, and counted on one. Parameters: rows, their end, where the others go, a column
 * of bins, and a byte a bin that is 1 where rows go left. It gives the end of those that go left.
 */
function partitionFunction(): WasmFunction {
  const [rows, end, others, column, marks, row, left, step] = [0, 1, 2, 3, 4, 5, 6, 7]
  const { get, set, tee, constant, add } = wasm
  return {
    name: 'partition',
    parameters: 5,
    hasResult: true,
    locals: [i32, i32, i32],
    body: [
      ...[...get(rows), ...set(left)],
      ...wasm.loop([
        ...[...get(rows), ...wasm.load(), ...set(row)],
        ...[...get(left), ...get(row), ...wasm.store()],
        ...[...get(others), ...get(row), ...wasm.store()],
        // step = 4 · marks[column[row]]
        ...[...get(marks), ...get(column), ...get(row), ...add, ...wasm.load8(), ...add, ...wasm.load8()],
        ...[...constant(2), ...wasm.shiftLeft, ...set(step)],
        ...[...get(left), ...get(step), ...add, ...set(left)],
        ...[...get(others), ...constant(4), ...add, ...get(step), ...wasm.subtract, ...set(others)],
        ...[...get(rows), ...constant(4), ...add, ...tee(rows), ...get(end), ...wasm.lessUnsigned],
        ...wasm.repeatIf,
      ]),
      ...get(left),
    ],
  }
}

/** Subtracts vectors of 16 bytes from others, in their place. Parameters: the others, their end, and what is subtracted. */
function subtractFunction(name: string, operation: Code): WasmFunction {
  const [from, end, what] = [0, 1, 2]
  const { get, set, tee, constant, add } = wasm
  return {
    name,
    parameters: 3,
    locals: [],
    body: wasm.loop([
      ...[...get(from), ...get(from), ...wasm.loadVector(), ...get(what), ...wasm.loadVector()],
      ...[...operation, ...wasm.storeVector()],
      ...[...get(what), ...constant(16), ...add, ...set(what)],
      ...[...get(from), ...constant(16), ...add, ...tee(from), ...get(end), ...wasm.lessUnsigned],
      ...wasm.repeatIf,
    ]),
  }
}

/** Adds rows to the histograms of as many columns as addresses of columns follow. */
export type AddRows = (
  rows: number,
  end: number,
  pairs: number,
  sums: number,
  counts: number,
  ...columns: number[]
) => void

/** The functions over a memory; their parameters are addresses, and there is at least one row or vector. */
export interface TreeCode {
  /** For 1 to {@link columnsPerPass} columns, in this order. */
  readonly addRows: readonly AddRows[]
  readonly gather: (rows: number, end: number, pairs: number, to: number) => void
  readonly partition: (rows: number, end: number, others: number, column: number, marks: number) => number
  readonly subtractSums: (from: number, end: number, what: number) => void
  readonly subtractCounts: (from: number, end: number, what: number) => void
}

const sizes = Array.from({ length: columnsPerPass }, (_, i) => i + 1)

let compiled: object | undefined

/** @param counts whether rows are counted, or their hessians are. */
export function treeCode(memory: WasmMemory, counts: boolean): TreeCode {
  compiled ??= new webAssembly.Module(
    encodeModule([
      ...[true, false].flatMap((counted) => sizes.map((size) => histogramFunction(size, counted))),
      gatherFunction(),
      partitionFunction(),
      subtractFunction('subtractSums', wasm.subtractDoubles),
      subtractFunction('subtractCounts', wasm.subtractWords),
    ]),
  )
  const { exports } = new webAssembly.Instance(compiled, { typegrad: { memory } })
  return {
    ...(exports as unknown as Omit<TreeCode, 'addRows'>),
    addRows: sizes.map((size) => exports[functionName(size, counts)] as AddRows),
  }
}
