// When will the machine fail? A recurrent net reads two days of sensors and says how many hours are left, and when to mend it.
//
//   npx tsx examples/manufacturing/run-to-failure.ts
//   npx tsx examples/manufacturing/run-to-failure.ts --machines 60 --epochs 4    a quick look
//
// No set of real machines that ran to failure could be had: these are simulated, by the formula in run-to-failure/machines.ts.
// Machines to learn from and machines to be judged by are others. The simple methods are the mean life less the age, and a line through
// the means of the sensors.
//
// 2026-11-30, three seeds, 90 s of two cores' time of an Intel Xeon with AVX-512: hours left are told to 15.4 ± 0.5 (root mean square error; by the
// line 18.6 ± 0.4, by the age 47.2 ± 0.3), and 1,000 hours cost 2.82 ± 0.06 mendings (3.36 ± 0.08, 7.68 ± 1.27).
import { layers, optimizers, type Sequential, sequential, setRandomSeed, type Tensor, tensor } from 'typegrad'
import { hostRandom } from 'typegrad/core'
import { programOptions } from '../options.ts'
import { withSpread } from '../statistics.ts'
import { table } from '../table.ts'
import { type Life, sensors, simulatedLife } from './run-to-failure/machines.ts'

const options = programOptions({
  machines: 200, // to learn from
  judged: 100,
  window: 48, // hours that are read
  epochs: 12,
  seeds: 3,
})

/** How many hours are left is told up to here (Heimes 2008, https://doi.org/10.1109/PHM.2008.4711422). */
const most = 125
/** What mending costs, and what a failure does: mending before it is needed wastes the hours that were left. */
const costs = { mending: 1, failure: 6 }

interface Windows {
  /** (windows, hours, sensors). */
  readonly x: Tensor
  /** Hours left: (windows, 1). */
  readonly y: Tensor
  readonly ages: readonly number[]
  readonly left: readonly number[]
}

/** What stands in the hours before, for each of so many hours of each life. */
function windowsOf(lives: readonly Life[], every: number, { means, deviations }: Scale): Windows {
  const [values, ages, left]: [number[], number[], number[]] = [[], [], []]
  for (const { hours } of lives)
    for (let end = options.window; end <= hours.length; end += every) {
      for (const row of hours.slice(end - options.window, end))
        for (const [k, value] of row.entries())
          values.push((value - (means[k] as number)) / (deviations[k] as number))
      ages.push(end)
      left.push(Math.min(most, hours.length - end))
    }
  const x = tensor(Float32Array.from(values), { shape: [ages.length, options.window, sensors.length] })
  return { x, y: tensor(left.map((hours) => [hours / most])), ages, left }
}

interface Scale {
  readonly means: readonly number[]
  readonly deviations: readonly number[]
}
function scaleOf(lives: readonly Life[]): Scale {
  const rows = lives.flatMap(({ hours }) => hours)
  const means = sensors.map((_, k) => rows.reduce((sum, row) => sum + (row[k] as number), 0) / rows.length)
  const deviations = sensors.map((_, k) =>
    Math.sqrt(
      rows.reduce((sum, row) => sum + ((row[k] as number) - (means[k] as number)) ** 2, 0) / rows.length,
    ),
  )
  return { means, deviations }
}

/** The net that reads hours one after another, and the line through their means. */
const nets: Readonly<Record<'line' | 'recurrent', () => Sequential>> = {
  line: () =>
    sequential([
      layers.globalAveragePooling1d({ inputShape: [options.window, sensors.length] }),
      layers.dense({ units: 1 }),
    ]),
  recurrent: () =>
    sequential([
      layers.conv1d({
        filters: 16,
        kernelSize: 5,
        activation: 'relu',
        inputShape: [options.window, sensors.length],
      }),
      layers.gru({ units: 32 }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ]),
}

/** What an hour costs when each machine is mended as soon as its net says that no more than so many hours are left. */
function costOfHour(
  lives: readonly Life[],
  windows: Windows,
  found: readonly number[],
  limit: number,
): number {
  let [cost, hours, at] = [0, 0, 0]
  for (const life of lives) {
    let mended = life.hours.length
    let isFailure = true
    for (let end = options.window; end <= life.hours.length; end += every, at++) {
      if (!isFailure || (found[at] as number) > limit || end === life.hours.length) continue
      mended = windows.ages[at] as number
      isFailure = false
    }
    cost += isFailure ? costs.failure : costs.mending
    hours += mended
  }
  return (1000 * cost) / hours
}
/** Hours between two questions. */
const every = 4

type Way = 'age' | 'line' | 'recurrent'
const errors: Record<Way, number[]> = { age: [], line: [], recurrent: [] }
const prices: Record<Way, number[]> = { age: [], line: [], recurrent: [] }
for (let seed = 1; seed <= options.seeds; seed++) {
  setRandomSeed(seed)
  const below = hostRandom(seed)
  const lives = (count: number) => Array.from({ length: count }, () => simulatedLife(below))
  const [known, watched, judged] = [lives(options.machines), lives(options.judged), lives(options.judged)]
  const scale = scaleOf(known)
  const [train, tune, test] = [known, watched, judged].map((some) => windowsOf(some, every, scale)) as [
    Windows,
    Windows,
    Windows,
  ]
  const meanLife = known.reduce((sum, { hours }) => sum + hours.length, 0) / known.length
  const answers: Partial<Record<Way, readonly [tuned: readonly number[], tested: readonly number[]]>> = {
    age: [tune, test].map(({ ages }) =>
      ages.map((age) => Math.min(most, Math.max(0, meanLife - age))),
    ) as unknown as [number[], number[]],
  }
  for (const [way, make] of Object.entries(nets) as [keyof typeof nets, () => Sequential][]) {
    const net = make()
    net.compile({ optimizer: optimizers.adam({ learningRate: 5e-3 }), loss: 'meanSquaredError' })
    await net.fit(train.x, train.y, { epochs: options.epochs, batchSize: 64, verbose: 0 })
    const said = async ({ x }: Windows) =>
      Array.from(await (await net.predict(x, { batchSize: 256 })).mul(most).data(), Number)
    answers[way] = [await said(tune), await said(test)]
  }
  for (const [way, [tuned, tested]] of Object.entries(answers) as [Way, readonly [number[], number[]]][]) {
    const squares = tested.map((hours, i) => (hours - (test.left[i] as number)) ** 2)
    errors[way].push(Math.sqrt(squares.reduce((a, b) => a + b) / squares.length))
    // The limit that costs least on machines that are not judged.
    const limits = Array.from({ length: 30 }, (_, i) => 4 * i)
    const limit = limits.toSorted(
      (a, b) => costOfHour(watched, tune, tuned, a) - costOfHour(watched, tune, tuned, b),
    )[0] as number
    prices[way].push(costOfHour(judged, test, tested, limit))
  }
  console.log(
    `seed ${seed}: ${train.ages.length} windows of ${known.length} machines that lived ${meanLife.toFixed(0)} hours`,
  )
}

console.log(
  `\n${table(
    ['', 'error, hours', 'cost of 1,000 hours'],
    (Object.keys(errors) as Way[]).map((way) => [
      way,
      withSpread(errors[way], 1),
      withSpread(prices[way], 2),
    ]),
  )}`,
)
