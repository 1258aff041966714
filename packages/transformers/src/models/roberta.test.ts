import { describeEncoderAsInPython } from '../testing/encoders.ts'
import { describeAsInPython } from '../testing/golden.ts'

describeEncoderAsInPython('roberta')
describeAsInPython('xlm-roberta')
