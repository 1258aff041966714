import { describeAsInPython } from '../testing/golden.ts'

// Pictures of the size that the positions are for, smaller, larger and wider ones.
describeAsInPython('dinov2')
describeAsInPython('dinov2-classification')
