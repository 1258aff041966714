import type { Tensor, Variable } from 'typegrad'
import { WeightAdapter } from 'typegrad/layers'

/**
 * Another value for a weight while an adapter is at work: a head that is trained whole, or a bias. The weight itself stays,
 * for other adapters and for none.
 */
export class ReplacedWeight extends WeightAdapter<'value' | 'on'> {
  readonly className = 'ReplacedWeight'
  readonly value: Variable
  readonly on: Variable

  /** @param on 1 where the adapter is at work, 0 where it is not. */
  constructor(name: string, value: Variable, on: Variable) {
    super({ name })
    this.value = value
    this.on = on
  }

  override get trainsBase(): boolean {
    return false
  }

  addedWeights() {
    return { value: { variable: this.value }, on: { variable: this.on } }
  }

  compute(base: Tensor, { value, on }: Readonly<Record<'value' | 'on', Tensor>>): Tensor {
    return value.mul(on).add(base.mul(on.neg().add(1)))
  }
}
