import { metrics, tensor } from 'typegrad'

/** The area under the ROC curve: how often a case has a higher score than what is none; equal scores count half. */
export async function areaUnderRoc(isCase: readonly boolean[], scores: ArrayLike<number>): Promise<number> {
  const auc = metrics.auc({ exact: true })
  auc.updateState(tensor(isCase.map(Number)), tensor(Array.from(scores)))
  return await auc.result().item()
}
