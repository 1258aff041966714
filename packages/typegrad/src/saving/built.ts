import { StateError } from '../base/errors.ts'
import type { AnyModel } from '../models/model.ts'

/** @throws StateError for a model that has no weights yet. */
export function checkBuilt(model: AnyModel, where = 'save'): void {
  if (model.built) return
  throw new StateError({
    where,
    expected: 'a model that is built',
    received: 'one that has no weights yet',
    fix: 'Give its first layer an inputShape, or call it once.',
  })
}
