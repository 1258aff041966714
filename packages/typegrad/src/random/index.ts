export {
  bernoulli,
  categorical,
  integers,
  normal,
  permutation,
  truncatedNormal,
  uniform,
} from './distributions.ts'
