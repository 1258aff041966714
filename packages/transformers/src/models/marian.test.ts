import { describeAsInPython } from '../testing/golden.ts'

describeAsInPython('marian')
describeAsInPython('marian-apart')
