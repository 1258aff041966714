import type { Hdf5Value } from '../formats/hdf5.ts'
import { evaluateAll, type Tensor } from '../tensor/tensor.ts'
import type { Variable } from '../tensor/variable.ts'

/** The version of Keras whose layout this is; Keras reads it to know older ones. */
export const kerasVersion = '3.15.1'

/** The values that variables have now, as datasets. */
export async function datasetsOf(places: ReadonlyMap<string, Variable>): Promise<Map<string, Hdf5Value>> {
  const values = [...places].map(([path, variable]) => [path, variable.value as Tensor] as const)
  await evaluateAll(values.map(([, value]) => value))
  const datasets = new Map<string, Hdf5Value>()
  for (const [path, value] of values)
    datasets.set(path, { dtype: value.dtype, shape: value.shape, data: await value.data() })
  return datasets
}
