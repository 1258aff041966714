import { describeAsInPython } from '../testing/golden.ts'

describeAsInPython('t5')
describeAsInPython('t5-gated')
describeAsInPython('t5-encoder')
describeAsInPython('mt5')
