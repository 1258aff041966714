/**
 * `random/`: numbers drawn by counters, alike on every engine, and their distributions. It knows tensors and
 * operations alone.
 */
export {
  bernoulli,
  categorical,
  integers,
  normal,
  permutation,
  truncatedNormal,
  uniform,
} from './distributions.ts'
export { beta, gamma } from './gamma.ts'
