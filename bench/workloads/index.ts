export { type Curve, curves } from './growth.ts'
export type { TensorSpec, Workload } from './workload.ts'

import { dataWorkloads } from './data.ts'
import { digitWorkloads } from './digits.ts'
import { machineWorkloads } from './machine.ts'
import { predictionWorkloads } from './prediction.ts'
import { preparationWorkloads } from './preparation.ts'
import { pretrainedWorkloads } from './pretrained.ts'
import { recommender } from './recommender.ts'
import { recurrent } from './recurrent.ts'
import { resnetWorkload } from './resnet.ts'
import { bert, gpt } from './transformers.ts'
import { tuningWorkloads } from './tuning.ts'
import { windowWorkloads } from './windows.ts'
import type { Workload } from './workload.ts'

/** In the order in which they are run and stand in the table. */
export const workloads: readonly Workload[] = [
  ...machineWorkloads,
  ...digitWorkloads,
  resnetWorkload,
  ...windowWorkloads,
  recurrent('lstm'),
  recurrent('gru'),
  recommender(),
  gpt(),
  ...predictionWorkloads,
  ...pretrainedWorkloads,
  ...dataWorkloads,
  ...preparationWorkloads,
  bert(),
  ...tuningWorkloads,
]
