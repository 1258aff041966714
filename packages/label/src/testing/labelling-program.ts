/** `testing/`: a program that labels by itself, for tests that kill it. */
import { Journal } from '../journal/journal.node.ts'

const [folder = ''] = process.argv.slice(2)
const { journal } = await Journal.open(folder, { task: 'class', classes: ['a', 'b'] })
for (let i = 0; ; i++) {
  await journal.append({ event: 'label', sample: String(i), person: 'Ada', value: 'a', of: 'x', at: 'now' })
  // What stands here was acknowledged.
  process.stdout.write(`${i}\n`)
}
