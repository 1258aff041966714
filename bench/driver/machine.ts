import { cpus, release, totalmem } from 'node:os'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGB: number
  readonly system: string
  readonly node: string
  readonly date: string
}

export const machine = (): Machine => ({
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryGB: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${process.arch} ${release().split('-')[0]}`,
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
})

/** For the name of a file: `2026-11-25-amd-epyc-2-cores`. */
export const slug = ({ date, processor, cores }: Machine): string =>
  `${date}-${processor
    .toLowerCase()
    .replace(/\(.*?\)|processor|cpu|@.*/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')}-${cores}-cores`
