import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import { createEngine, type Engine } from 'typegrad'
import { bytesText } from '../../files/size.ts'
import { same, type Text } from '../../language/text.ts'
import type { CommandContext } from '../../program/context.ts'
import type { Run } from '../../program/definition.ts'
import { Failure } from '../../program/failure.ts'
import { ownVersion, versionOf } from '../../program/version.ts'
import { listing } from '../../terminal/listing.ts'
import type { doctor } from './definition.ts'
import { productSpeed } from './product-speed.ts'

/** Packages whose versions a report of a fault needs. */
const packages = [
  'typegrad',
  '@typegrad/data',
  '@typegrad/tabular',
  '@typegrad/transformers',
  '@duckdb/node-api',
  'sharp',
] as const

/** What works, or the reason why it does not. */
interface Checked {
  readonly works: boolean
  readonly detail: string
}

const checked = async (check: () => Promise<string>): Promise<Checked> => {
  try {
    return { works: true, detail: await check() }
  } catch (error) {
    return { works: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

export const run: Run<typeof doctor> = async (context, { gpu }) => {
  const engine = await createEngine().catch((error: unknown) => error)
  const speed = isEngine(engine) ? await productSpeed(engine) : undefined
  const found = {
    machine: {
      system: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model.trim() ?? '?',
      threads: availableParallelism(),
      memory: totalmem(),
      freeMemory: freemem(),
    },
    engine: {
      name: isEngine(engine) ? engine.name : null,
      device: isEngine(engine) ? engine.device : null,
      fault: isEngine(engine) ? null : String((engine as Error).message),
      gigaflops: speed?.gigaflops ?? null,
      isRight: speed?.isRight ?? false,
    },
    ...(gpu === true && {
      webgpu: await checked(async () => (await createEngine({ device: 'webgpu' })).name),
    }),
    tables: await checked(async () => {
      const { tableFrom } = await import('@typegrad/data')
      const table = await tableFrom([{ works: 1 }])
      return `DuckDB, ${await table.count()} row`
    }),
    versions: {
      '@typegrad/cli': ownVersion(),
      node: process.versions.node,
      ...Object.fromEntries(packages.map((name) => [name, versionOf(name) ?? null])),
    },
  }
  if (context.isJson) context.printJson(found)
  else context.print(...linesOf(found, context))
  const faults = [
    ...(found.engine.fault === null ? [] : [same(found.engine.fault)]),
    ...(speed?.isRight === false ? [wrongProduct] : []),
    ...(found.tables.works ? [] : [same(found.tables.detail)]),
  ]
  const [fault] = faults
  if (fault !== undefined)
    throw new Failure({
      where: 'doctor',
      expected: { en: 'an engine and tables that work', zh: '可用的引擎与表格库' },
      received: fault,
      fix: {
        en: 'Install again: npm install -g @typegrad/cli.',
        zh: '请重新安装：npm install -g @typegrad/cli。',
      },
    })
}

const wrongProduct: Text = { en: 'a product with wrong numbers', zh: '错误的乘积' }

const isEngine = (value: unknown): value is Engine =>
  typeof value === 'object' && value !== null && 'kernelSupport' in value

interface Found {
  readonly machine: {
    readonly system: string
    readonly processor: string
    readonly threads: number
    readonly memory: number
    readonly freeMemory: number
  }
  readonly engine: {
    readonly name: string | null
    readonly device: string | null
    readonly fault: string | null
    readonly gigaflops: number | null
  }
  readonly webgpu?: Checked
  readonly tables: Checked
  readonly versions: Readonly<Record<string, string | null>>
}

function linesOf({ machine, engine, webgpu, tables, versions }: Found, context: CommandContext): string[] {
  const say = (text: Text): string => context.say(text)
  const none = say({ en: 'not installed', zh: '未安装' })
  const rows: (readonly [string, string])[] = [
    [say({ en: 'system', zh: '系统' }), machine.system],
    [say({ en: 'processor', zh: '处理器' }), machine.processor],
    [say({ en: 'threads', zh: '线程' }), String(machine.threads)],
    [
      say({ en: 'memory', zh: '内存' }),
      say({
        en: `${bytesText(machine.memory)}, ${bytesText(machine.freeMemory)} free`,
        zh: `${bytesText(machine.memory)}，空闲 ${bytesText(machine.freeMemory)}`,
      }),
    ],
    [say({ en: 'engine', zh: '引擎' }), engine.fault ?? `${engine.name}, ${engine.device}`],
    [
      say({ en: 'product', zh: '矩阵乘积' }),
      engine.gigaflops === null ? '–' : `${engine.gigaflops.toFixed(0)} GFLOPS (1024 × 1024, float32)`,
    ],
    ...(webgpu === undefined
      ? []
      : [
          [
            'WebGPU',
            webgpu.works
              ? say({ en: 'works', zh: '可用' })
              : say({ en: `none: ${webgpu.detail}`, zh: `不可用：${webgpu.detail}` }),
          ] as const,
        ]),
    [
      say({ en: 'tables', zh: '表格' }),
      tables.works ? say({ en: 'work (DuckDB)', zh: '可用（DuckDB）' }) : tables.detail,
    ],
  ]
  return [
    ...listing(rows, context.columns),
    '',
    ...listing(
      Object.entries(versions).map(([name, version]) => [name, version ?? none]),
      context.columns,
    ),
  ]
}
