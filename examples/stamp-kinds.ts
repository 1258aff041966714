// What is on a stamp of Tux Paint: an animal, food, a plant? Learned from 300 pictures, as they are and changed at random.
//
//   npx tsx examples/stamp-kinds.ts                 fetches Debian's package of 796 stamps (161 MB)
//   npx tsx examples/stamp-kinds.ts pictures        any folder whose folders are kinds
//
// Each seed holds another quarter back, of each kind alike, and trains one network on the pictures as they are and one on pictures
// that are mirrored, moved, turned and scaled by layers of the model. Beside them: the kind of the picture whose colours are most
// similar, and the most frequent kind.
//
import { readdir } from 'node:fs/promises'
import { setRandomSeed, stratifiedKFold } from 'typegrad'
import { programOptions } from './options.ts'
import { nearestByColour } from './stamp-kinds/histograms.ts'
import { buildNetwork, kindsOf, pixelsOf } from './stamp-kinds/network.ts'
import { readStamps, type Stamp, stampFolder, stampKinds } from './stamp-kinds/stamps.ts'
import { table } from './table.ts'
import { percent, plural } from './text.ts'

const options = programOptions(
  {
    folder: '',
    side: 40, // of a picture, in pixels
    epochs: 40,
    seeds: 3,
  },
  'folder',
)
const folder = options.folder === '' ? await stampFolder() : options.folder
const kinds =
  options.folder === ''
    ? stampKinds
    : (await readdir(folder, { withFileTypes: true }))
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
const stamps = await readStamps(folder, kinds, options.side)
console.log(`${plural(stamps.length, 'picture')} of ${kinds.join(', ')}.`)

const right = (found: readonly number[], part: readonly Stamp[]): number =>
  part.filter(({ kind }, i) => found[i] === kind).length / part.length

/** The accuracy of a network on what it has not seen, and on what it has learned from. */
async function trained(isChanging: boolean, train: readonly Stamp[], held: readonly Stamp[], seed: number) {
  const { side, epochs } = options
  setRandomSeed(seed)
  const model = buildNetwork(side, kinds.length, isChanging)
  await model.fit(pixelsOf(train, side), kindsOf(train), {
    epochs,
    batchSize: Math.min(32, train.length),
    verbose: 0,
  })
  const found = async (part: readonly Stamp[]): Promise<number[]> =>
    (await (await model.predict(pixelsOf(part, side))).argMax(-1).toArray()) as number[]
  return { held: right(await found(held), held), known: right(await found(train), train) }
}

const ways = ['changed at random', 'as they are', 'most similar colours', 'most frequent kind'] as const
const accuracies: Record<(typeof ways)[number], number[]> = {
  'changed at random': [],
  'as they are': [],
  'most similar colours': [],
  'most frequent kind': [],
}
for (let seed = 1; seed <= options.seeds; seed++) {
  const folds = stratifiedKFold(
    stamps.map(({ kind }) => kind),
    { folds: 4, shuffle: true, seed },
  )
  const { value: fold } = await folds.next()
  const part = (places: ArrayLike<number>): Stamp[] => Array.from(places, (place) => stamps[place] as Stamp)
  const [train, held] = [part(fold.train), part(fold.test)]
  const changed = await trained(true, train, held, seed)
  const plain = await trained(false, train, held, seed)
  const counts = kinds.map((_, kind) => train.filter((stamp) => stamp.kind === kind).length)
  const frequent = counts.indexOf(Math.max(...counts))
  accuracies['changed at random'].push(changed.held)
  accuracies['as they are'].push(plain.held)
  accuracies['most similar colours'].push(right(nearestByColour(train, held), held))
  accuracies['most frequent kind'].push(
    right(
      held.map(() => frequent),
      held,
    ),
  )
  console.log(
    `seed ${seed}: ${percent(changed.held, 1)} of ${held.length} held back are right with changes (${percent(changed.known, 1)} of those ` +
      `learned from), ${percent(plain.held, 1)} without (${percent(plain.known, 1)})`,
  )
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const deviation = (values: readonly number[]): number =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)))
const rows = ways.map((way) => {
  const values = accuracies[way]
  return [way, percent(mean(values), 1), percent(deviation(values), 1)]
})
console.log(`\n${table(['pictures', 'right', '±'], rows)}`)
