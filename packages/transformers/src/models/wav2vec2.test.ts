import { describeAsInPython } from '../testing/golden.ts'

// Normalization of the first convolution's channels over time, and behind each part.
describeAsInPython('wav2vec2-group')
// Normalization of all convolutions, and before each part.
describeAsInPython('wav2vec2-layer')
