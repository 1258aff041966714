import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type FoundFile, kindNames } from '../../files/file-kind.ts'
import { bytesText, countText } from '../../files/size.ts'
import type { CommandContext } from '../../program/context.ts'
import { listing } from '../../terminal/listing.ts'
import { cut } from '../../terminal/text-width.ts'
import type { Finding } from './finding.ts'
import { type Described, numbersOf, tensorFacts, tensorLines } from './tensor-lines.ts'

/** Longer lists, such as the words of a tokenizer, are counted; of a few the values stand there. */
const mostListed = 16

/** Metadata and tensors of a file of llama.cpp. */
export async function inspectGguf({ kind, path }: FoundFile): Promise<Finding> {
  const { readGguf } = await import('@typegrad/transformers')
  const file = await readGguf(path)
  const tensors = [...file.tensors].map(
    ([name, { shape, format }]): Described => ({ name, dtype: format, shape }),
  )
  const parameters = numbersOf(tensors)
  const { size } = await stat(path)
  return {
    json: {
      metadata: Object.fromEntries(
        Object.entries(file.metadata).map(([name, value]) => [
          name,
          isLong(value) ? { count: value.length } : value,
        ]),
      ),
      tensors: tensors.map(({ name, dtype, shape }) => ({ name, format: dtype, shape })),
      parameters,
    },
    lines: (context) => [
      basename(path),
      context.say(kindNames[kind]),
      ...listing(
        [
          ...tensorFacts(tensors, context),
          [context.say({ en: 'size', zh: '大小' }), bytesText(size)],
          [context.say({ en: 'formats', zh: '格式' }), formatsOf(tensors)],
        ],
        context.columns,
      ),
      '',
      context.say({ en: 'Metadata:', zh: '元数据：' }),
      ...listing(
        Object.entries(file.metadata).map(([name, value]) => [name, valueText(value, context)] as const),
        context.columns,
        40,
      ),
      '',
      ...tensorLines(tensors, context.columns),
    ],
  }
}

const isLong = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.length > mostListed

function valueText(value: unknown, context: CommandContext): string {
  const room = context.columns - 48
  // Templates of chats have lines.
  const text = (one: unknown): string =>
    typeof one === 'number' ? String(Number(one.toPrecision(7))) : String(one).replace(/\s+/g, ' ')
  if (isLong(value)) {
    const count = countText(value.length)
    const begin = cut(`${value.slice(0, 4).map(text).join(', ')}, …`, room - 16)
    return context.say({ en: `${count} values: ${begin}`, zh: `${count} 个值：${begin}` })
  }
  return cut(Array.isArray(value) ? `[${value.map(text).join(', ')}]` : text(value), room)
}

/** How many tensors are kept in which format: `Q4_K 96, F32 33`. */
function formatsOf(tensors: readonly Described[]): string {
  const counts = new Map<string, number>()
  for (const { dtype } of tensors) counts.set(dtype, (counts.get(dtype) ?? 0) + 1)
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([format, count]) => `${format} ${count}`)
    .join(', ')
}
