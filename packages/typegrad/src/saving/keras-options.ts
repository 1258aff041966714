import { PythonFloat } from '../formats/python-json.ts'
import { snakeCaseName } from '../layers/base/naming.ts'

/** How options of typegrad's classes stand in Keras's configurations where the two differ. */

type Json = Record<string, unknown>

/** Numbers that are floats in Keras, and have to be for some of its classes. */
const floats = new Set(
  `adam_beta_1 adam_beta_2 adam_weight_decay alpha beta beta_1 beta_2 beta_2_decay clip_threshold decay_rate dropout
  ema_momentum end_learning_rate epsilon epsilon_1 epsilon_2 gain gamma initial_accumulator_value initial_learning_rate
  initial_scale l1 l1_regularization_strength l2 l2_regularization_strength l2_shrinkage_regularization_strength
  label_smoothing learning_rate learning_rate_power logit_soft_cap m_mul margin mask_value maxval mean minval momentum
  muon_a muon_b muon_c negative_slope offset power precision q rate recall recurrent_dropout rho rms_rate scale
  sensitivity specificity stddev t_mul threshold thresholds warmup_target weight_decay`.split(/\s+/),
)

/** Options whose values are names, which Keras writes in snake case. */
const names = new Set([
  'activation',
  'class_aggregation',
  'data_format',
  'distribution',
  'loss',
  'merge_mode',
  'metrics',
  'mode',
  'bounding_box_format',
  'output_mode',
  'split',
  'standardize',
  'recurrent_activation',
  'reduction',
  'score_mode',
  'summation_method',
  'weighted_metrics',
])

/** Layers of one dimension for which Keras takes a number or a pair, where a list of one stands here. */
const oneDimensional = /^(UpSampling1D|ZeroPadding1D|Cropping1D)$/
/** Layers that have no such option in Keras: with one they are refused. */
const withoutDataFormat = /^(UpSampling1D|Cropping1D|SpatialDropout1D)$/

/** What Keras's constructors do not take. */
const notTaken: Readonly<Record<string, readonly string[]>> = {
  Discretization: ['trainable'],
  HashedCrossing: ['trainable'],
  MaxNumBoundingBoxes: ['fill_value'],
  Pipeline: ['trainable', 'dtype'],
  SpatialDropout1D: ['trainable', 'data_format'],
  SpatialDropout2D: ['trainable'],
  SpatialDropout3D: ['trainable'],
}

/** Options of losses and metrics that Keras does not know: how labels are checked, and AUC of all scores. */
const ofJudges = ['allow_zero_rows', 'exact']

/** A value of an option under Keras's key. */
export function kerasValue(value: unknown, key: string): unknown {
  if (typeof value === 'number' && floats.has(key)) return new PythonFloat(value)
  if (typeof value === 'string' && names.has(key)) return snakeCaseName(value)
  return value
}

/**
 * The options of a class, under Keras's keys, as its constructor takes them.
 *
 * @param key the option whose value the object is: metrics and losses have classes of the same names.
 */
export function kerasOptions(className: string, config: Json, key: string): Json {
  const left = new Set(notTaken[className])
  if (/^(loss|metrics|weightedMetrics)$/.test(key)) for (const option of ofJudges) left.add(option)
  if (className === 'BinaryCrossentropy' && /[mM]etrics$/.test(key) && config.axis === -1) left.add('axis')
  if (withoutDataFormat.test(className)) left.add('data_format')
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => !left.has(key))
      .map(([key, value]) => [key, oneDimensional.test(className) ? unlisted(value) : value])
      // No average over the classes, a name here, is None there.
      .map(([key, value]) => [key, key === 'average' && value === 'none' ? null : value]),
  )
}

const unlisted = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value)
