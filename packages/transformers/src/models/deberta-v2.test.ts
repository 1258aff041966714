import { describeEncoderAsInPython } from '../testing/encoders.ts'
import { describeAsInPython } from '../testing/golden.ts'

describeEncoderAsInPython('deberta-v2')
describeAsInPython('deberta-v2-apart')
describeAsInPython('deberta-v2-microsoft')
