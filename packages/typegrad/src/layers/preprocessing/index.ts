/**
 * `layers/preprocessing/`: values as files hold them become what layers learn from. They know a layer's base alone.
 */
export { Rescaling, type RescalingOptions, rescaling } from './rescaling.ts'
