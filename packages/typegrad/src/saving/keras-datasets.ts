import { conversions, toNumbers } from '../base/conversions.ts'
import type { Hdf5Value } from '../formats/hdf5.ts'
import { evaluateAll } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'

/** The version of Keras whose layout this is; Keras reads it to know older ones. */
export const kerasVersion = '3.15.1'

/** The values that variables have now, as datasets: half precision as single, which Keras takes for it. */
export async function datasetsOf(places: ReadonlyMap<string, Variable>): Promise<Map<string, Hdf5Value>> {
  const values = [...places].map(([path, variable]) => [path, variable.value] as const)
  await evaluateAll(values.map(([, value]) => value))
  const datasets = new Map<string, Hdf5Value>()
  for (const [path, value] of values) {
    const { dtype, shape } = value
    const data = await value.data()
    if (dtype !== 'float16') datasets.set(path, { dtype, shape, data })
    else {
      const wider = conversions.float32(toNumbers(data, dtype) as ArrayLike<number>)
      datasets.set(path, { dtype: 'float32', shape, data: wider })
    }
  }
  return datasets
}
