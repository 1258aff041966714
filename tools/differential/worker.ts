/** Answers cases for typegrad: a line of JSON in, a line of JSON out that begins with a tab. */
import { createInterface } from 'node:readline'
import { families } from './families/index.ts'
import type { FamilyName } from './family.ts'
import type { JsonObject } from './json.ts'
import type { Reply } from './pool.ts'

interface Request {
  readonly family: FamilyName
  readonly spec: JsonObject
  readonly other?: JsonObject
}

async function answer({ family, spec, other }: Request): Promise<Reply> {
  try {
    return { kind: 'answer', answer: await families[family].here(spec, other) }
  } catch (error) {
    const { name, message, stack } = error as Error
    return { kind: 'error', message: `${name}: ${message}`, ...(stack === undefined ? {} : { stack }) }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line) as Request)
  process.stdout.write(`\t${JSON.stringify(reply)}\n`)
}
