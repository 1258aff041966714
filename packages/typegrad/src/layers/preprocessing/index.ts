export { Rescaling, type RescalingOptions, rescaling } from './rescaling.ts'
