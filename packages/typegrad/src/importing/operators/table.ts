import type { FileNode } from '../../onnx/file.ts'
import type { Operator, Operators } from '../node-call.ts'
import { activations } from './activations.ts'
import { attentionOperators } from './attention.ts'
import { bitOperators } from './bits.ts'
import { controlFlow } from './control-flow.ts'
import { convolutions } from './convolutions.ts'
import { elementwise } from './elementwise.ts'
import { indexing } from './indexing.ts'
import { lossOperators } from './losses.ts'
import { machineLearning } from './machine-learning.ts'
import { normalization } from './normalization.ts'
import { pools } from './pools.ts'
import { products } from './products.ts'
import { quantizedOperators } from './quantized.ts'
import { recurrentLayers } from './recurrent.ts'
import { reductions } from './reductions.ts'
import { resizing } from './resize.ts'
import { runtime } from './runtime.ts'
import { sampling } from './sampling.ts'
import { shapes } from './shapes.ts'
import { spectra } from './spectra.ts'

/** ONNX's own. ONNX Runtime's optimiser writes one of its own under this domain, too. */
const own: Operators = {
  ...activations,
  ...attentionOperators,
  ...bitOperators,
  ...controlFlow,
  ...convolutions,
  ...elementwise,
  ...indexing,
  ...lossOperators,
  ...normalization,
  ...pools,
  ...products,
  ...quantizedOperators,
  ...recurrentLayers,
  ...reductions,
  ...resizing,
  ...sampling,
  ...shapes,
  ...spectra,
  SimplifiedLayerNormalization: runtime.SimplifiedLayerNormalization as Operator,
}

const domains: ReadonlyMap<string, Operators> = new Map([
  ['', own],
  ['ai.onnx.ml', machineLearning],
  ['com.microsoft', runtime],
])

/** What a node becomes; undefined for an operator that is not known. */
export function operatorOf({ op, domain }: FileNode): Operator | undefined {
  const operators = domains.get(domain)
  return operators !== undefined && Object.hasOwn(operators, op) ? operators[op] : undefined
}

/** All operators that are known, by domain. */
export const knownOperators = (): readonly { readonly domain: string; readonly op: string }[] =>
  [...domains].flatMap(([domain, operators]) => Object.keys(operators).map((op) => ({ domain, op })))
