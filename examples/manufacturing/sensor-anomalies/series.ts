/**
 * `sensor-anomalies/`: the parts of `examples/manufacturing/sensor-anomalies.ts`: series of sensors, and a search for what they have not
 * done before. It knows typegrad as any program does.
 */

import { join } from 'node:path'
import { readTable } from '@typegrad/data'
import { type PythonPackage, packageFolder } from '../../../tools/python-package.ts'

const wheel: PythonPackage = {
  what: 'The set of series',
  name: 'aeon',
  version: '1.6.0',
  hash: 'd05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409',
  size: '6 MB',
}

export interface Series {
  readonly name: string
  /** Without anything unusual. */
  readonly usual: Float32Array
  readonly judged: Float32Array
  /** Which of the judged are unusual. */
  readonly isUnusual: readonly boolean[]
}

/**
 * Two series of PyPI's `aeon`: a pressure that was measured in an artery, into which one anomaly was put (UCR's archive of anomalies,
 * 135; Wu and Keogh 2021, https://arxiv.org/abs/2009.13807), and a synthetic electrocardiogram whose beats change three times (TimeEval's
 * GutenTAG; Schmidl et al. 2022, https://doi.org/10.14778/3538598.3538602). One value in `step` is kept.
 *
 * @throws Error where they cannot be fetched.
 */
export async function loadSeries(cache = 'runs/data'): Promise<readonly Series[]> {
  const folder = join(await packageFolder(wheel, cache), 'aeon/datasets/data')
  const pressure = join(folder, 'KDD-TSAD_135', '135_UCR_Anomaly_InternalBleeding16')
  const heart = join(folder, 'UnitTest', 'ecg-diff-count-3')
  return [
    await seriesOf('pressure in an artery', `${pressure}_TRAIN.csv`, `${pressure}_TEST.csv`),
    await seriesOf('electrocardiogram', `${heart}_TRAIN_NA.csv`, `${heart}_TEST.csv`),
  ]
}

async function seriesOf(name: string, usual: string, judged: string): Promise<Series> {
  const [before, after] = [await readSensor(usual), await readSensor(judged)]
  return { name, usual: before.values, judged: after.values, isUnusual: after.isUnusual }
}

/** The sensor of a file, which stands in its second column, and what is said to be unusual, in its last. */
async function readSensor(file: string) {
  const rows = (await (await readTable(file)).rows()).map((row) => Object.values(row).map(Number))
  return {
    values: Float32Array.from(rows, (row) => row[1] as number),
    isUnusual: rows.map((row) => (row.at(-1) as number) > 0),
  }
}

/** Windows of a series less their mean, by their deviation: a row each. */
export function normalWindows(values: Float32Array, length: number): readonly Float32Array[] {
  return Array.from({ length: values.length - length + 1 }, (_, start) => {
    const window = values.slice(start, start + length)
    const mean = window.reduce((a, b) => a + b) / length
    const deviation = Math.sqrt(window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length)
    return window.map((value) => (value - mean) / (deviation + 1e-6))
  })
}

/**
 * How far each window of the judged is from the nearest usual one, after both have their mean taken and their deviation divided by: what
 * is called a discord (Keogh et al. 2005, https://doi.org/10.1109/ICDM.2005.79).
 */
export function discords({ usual, judged }: Pick<Series, 'usual' | 'judged'>, length: number): Float32Array {
  const known = normalWindows(usual, length)
  return Float32Array.from(normalWindows(judged, length), (window) => {
    let nearest = Number.POSITIVE_INFINITY
    for (const other of known) {
      let sum = 0
      for (let i = 0; i < length && sum < nearest; i++)
        sum += ((window[i] as number) - (other[i] as number)) ** 2
      nearest = Math.min(nearest, sum)
    }
    return Math.sqrt(nearest)
  })
}
