import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Program } from '../../packages/node/src/testing/sweep/executor.ts'

/** Code with its operands, and what the emulator says that it leaves in them. */
export interface Job {
  readonly what: string
  readonly program: Program
  readonly inputs: readonly Uint8Array[]
  readonly outputs: readonly {
    readonly before: Uint8Array
    /** undefined where the bytes do not matter. */
    readonly after: Uint8Array | undefined
  }[]
  /** Bytes by which operands are off a multiple of 64. */
  readonly offset: number
}

/** Where boot.S puts what follows it, and how much that is. */
const [begin, length] = [0x10000, 0x70000] as const
/** Behind the table of jobs. */
const firstOperand = 0x2000
const maxJobs = 300
/** Bytes around everything. */
const gap = 256
/** Sectors of 512 bytes; four cylinders of them. */
const diskBytes = 4 * 16 * 63 * 512

/** Jobs that Bochs, an emulator of whole computers, runs at once. */
export class Disk {
  readonly #bytes = new Uint8Array(length).fill(0x7f)
  readonly #view = new DataView(this.#bytes.buffer)
  readonly #jobs: { readonly job: Job; readonly outputs: readonly number[] }[] = []
  #end = firstOperand

  /** @returns whether there was room. */
  add(job: Job): boolean {
    const before = this.#end
    const code = this.#place(job.program.code, 0)
    const inputs = job.inputs.map((bytes) => this.#place(bytes, job.offset))
    const outputs = job.outputs.map(({ before }) => this.#place(before, job.offset))
    const pointers = this.#place(new Uint8Array(8 * (inputs.length + outputs.length)), 0)
    if (this.#end + gap > length || this.#jobs.length === maxJobs) {
      this.#end = before
      return false
    }
    for (const [i, at] of [...inputs, ...outputs].entries()) this.#write(pointers + 8 * i, begin + at)
    const entry = 16 + 24 * this.#jobs.length
    this.#write(entry, begin + code + job.program.entry)
    this.#write(entry + 8, begin + pointers)
    this.#write(entry + 16, job.program.tasks)
    this.#write(entry + 24, 0)
    this.#jobs.push({ job, outputs })
    return true
  }

  get jobs(): number {
    return this.#jobs.length
  }

  /** Runs all of them. @returns the jobs whose outputs are not what they should be. */
  run(root: string): string[] {
    this.#write(0, begin)
    this.#write(8, this.#end)
    const memory = bochs(root, this.#bytes)
    return this.#jobs.flatMap(({ job, outputs }) =>
      job.outputs.flatMap(({ after }, i) => {
        const at = outputs[i] as number
        const byte = after?.findIndex((value, j) => memory[at + j] !== value) ?? -1
        return byte < 0 ? [] : [`${job.what}: output ${i} differs at byte ${byte}`]
      }),
    )
  }

  #place(bytes: Uint8Array, offset: number): number {
    const at = Math.ceil((this.#end + gap) / 64) * 64 + offset
    this.#end = at + bytes.length
    if (this.#end <= length) this.#bytes.set(bytes, at)
    return at
  }

  #write(at: number, value: number): void {
    this.#view.setBigUint64(at, BigInt(value), true)
  }
}

/** Memory after Bochs, as a Skylake-X, has run an image. */
function bochs(root: string, image: Uint8Array): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-bochs-'))
  const at = (name: string): string => join(folder, name)
  try {
    const source = fileURLToPath(new URL('boot.S', import.meta.url))
    execFileSync('as', [source, '-o', at('boot.o')])
    execFileSync('ld', [
      '-m',
      'elf_x86_64',
      '-Ttext',
      '0x7c00',
      '--oformat',
      'binary',
      at('boot.o'),
      '-o',
      at('boot'),
    ])
    const disk = new Uint8Array(diskBytes)
    disk.set(readFileSync(at('boot')))
    disk.set(image, 512)
    writeFileSync(at('disk'), disk)
    writeFileSync(at('commands'), 'c\n')
    writeFileSync(
      at('bochsrc'),
      [
        'cpu: model=corei7_skylake_x, count=1, ips=100000000, reset_on_triple_fault=0',
        'memory: guest=32, host=32',
        `romimage: file=${join(root, 'usr/share/bochs/BIOS-bochs-latest')}`,
        `vgaromimage: file=${join(root, 'usr/share/bochs/VGABIOS-lgpl-latest')}`,
        `ata0-master: type=disk, path=${at('disk')}, mode=flat, cylinders=4, heads=16, spt=63`,
        'ata1: enabled=0',
        'boot: disk',
        'port_e9_hack: enabled=1',
        'display_library: rfb, options="timeout=0"',
        `log: ${at('log')}`,
        'clock: sync=none',
        '',
      ].join('\n'),
    )
    const libraries = join(root, 'usr/lib/x86_64-linux-gnu')
    const program = join(root, 'usr/bin/bochs-bin')
    if (!existsSync(program))
      throw new Error(`avx512: expected ${program}: see the first lines of tools/avx512/main.ts`)
    const { stdout, status } = spawnSync(program, ['-q', '-f', at('bochsrc'), '-rc', at('commands')], {
      // Its debugger would wait for more commands.
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'latin1',
      maxBuffer: 1 << 28,
      timeout: 120_000,
      env: {
        ...process.env,
        LD_LIBRARY_PATH: libraries,
        LTDL_LIBRARY_PATH: join(libraries, 'bochs/plugins'),
        BXSHARE: join(root, 'usr/share/bochs'),
      },
    })
    const written = /<([0-9a-f]+)>/.exec(stdout)?.[1]
    if (written === undefined)
      throw new Error(
        `avx512: Bochs ended with code ${status} and no answer: ${readFileSync(at('log'), 'utf8').slice(-600)}`,
      )
    return Uint8Array.from(Buffer.from(written, 'hex'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
