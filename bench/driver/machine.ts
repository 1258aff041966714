import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'

export interface Machine {
  readonly processor: string
  /** The widest vectors that it has, where that is known: two processors of one name may differ in them. */
  readonly vectors?: string | undefined
  readonly cores: number
  readonly memoryGB: number
  readonly system: string
  readonly node: string
  readonly date: string
}

export const machine = (): Machine => ({
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  vectors: vectors(),
  cores: cpus().length,
  memoryGB: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${process.arch} ${release().split('-')[0]}`,
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
})

/** What Linux says of an x64 processor. */
function vectors(): string | undefined {
  let about: string
  try {
    about = readFileSync('/proc/cpuinfo', 'utf8')
  } catch {
    return undefined
  }
  if (/\bavx512f\b/.test(about)) return 'AVX-512'
  return /\bavx2\b/.test(about) ? 'AVX2' : undefined
}

/** For people: `AMD EPYC with AVX-512`. */
export const processorName = ({ processor, vectors }: Machine): string =>
  vectors === undefined ? processor : `${processor} with ${vectors}`

/** For the name of a file: `2026-11-25-amd-epyc-avx-512-2-cores`. */
export const slug = ({ date, processor, vectors = '', cores }: Machine): string =>
  `${date}-${`${processor.toLowerCase().replace(/\(.*?\)|processor|cpu|@.*/g, '')} ${vectors.toLowerCase()}`
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')}-${cores}-cores`
